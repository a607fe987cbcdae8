package detect

import (
	"errors"
	"strings"
	"testing"
)

// TestMemo asks for texts and says of each whether it has to be worked out.
func TestMemo(t *testing.T) {
	var memory memo[Proof]
	one, other := &rule{index: 1}, &rule{index: 2}
	long, most := strings.Repeat("x", memoText), strings.Repeat("y", memoText/2)
	for _, c := range []struct {
		name  string
		r     *rule
		text  string
		note  int // bytes of what is worked out
		fails bool
		asked bool
	}{
		{"a new text", one, "a", 0, false, true},
		{"the same", one, "a", 0, false, false},
		{"of another rule", other, "a", 0, false, true},
		{"the same of that", other, "a", 0, false, false},
		{"a failure", one, "b", 0, true, true},
		{"after a failure", one, "b", 0, false, true},
		{"a long text", one, long, 0, false, true},
		{"the same long text", one, long, 0, false, true},
		{"a long answer", one, "c", memoText, false, true},
		{"the same long answer", one, "c", memoText, false, true},
		{"still the first", one, "a", 0, false, false},
	} {
		t.Run(c.name, func(t *testing.T) { testMemo(t, &memory, c.r, c.text, c.note, c.fails, c.asked) })
	}
	for i := range 2 * memoSize / len(most) {
		testMemo(t, &memory, one, most[:len(most)-i], 0, false, true)
		if memory.size > memoSize {
			t.Fatalf("%d bytes are kept", memory.size)
		}
	}
	testMemo(t, &memory, one, "a", 0, false, true) // it has begun anew
}

func testMemo(t *testing.T, m *memo[Proof], r *rule, text string, note int, fails, want bool) {
	t.Helper()
	asked := false
	answer := Proof{Note: strings.Repeat("n", note)}
	got, err := m.get(r, []byte(text), func([]byte) (Proof, error) {
		asked = true
		if fails {
			return Proof{}, errors.New("it fails")
		}
		return answer, nil
	})
	if asked != want || (err != nil) != fails || !fails && got != answer {
		t.Errorf("asked: %t, want %t; error %v", asked, want, err)
	}
}
