package detect_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keysieve/keysieve/detect"
)

// fragments yields n fragments with i%3 secrets each, and an InputError in place of every tenth.
func fragments(n int) iter.Seq2[detect.Fragment, error] {
	return func(yield func(detect.Fragment, error) bool) {
		for i := range n {
			f := detect.Fragment{Origin: detect.Origin{Path: fmt.Sprint(i)}}
			f.Load = func(buf *[]byte) (detect.Fragment, error) {
				*buf = append((*buf)[:0], strings.Repeat(fmt.Sprintf("tok_%08d ", i), i%3)...)
				f.Data, f.Load = *buf, nil
				return f, nil
			}
			var err error
			if i%10 == 9 {
				err = &detect.InputError{Path: fmt.Sprint(i), Err: errors.New("unreadable")}
			}
			if !yield(f, err) {
				return
			}
		}
	}
}

func scan(t *testing.T, workers int, in iter.Seq2[detect.Fragment, error]) []string {
	d := newDetector(t, testRules, detect.Options{Workers: workers, MinConfidence: detect.ConfidenceLow})
	var out []string
	for f, err := range d.Scan(context.Background(), in) {
		if err != nil {
			out = append(out, err.Error())
			continue
		}
		out = append(out, f.Origin.Path+" "+show(f))
	}
	return out
}

func TestScanKeepsTheOrderOfItsInput(t *testing.T) {
	want := scan(t, 1, fragments(500))
	if len(want) < 400 {
		t.Fatalf("%d results", len(want))
	}
	for _, workers := range []int{2, 8, 33} {
		if got := scan(t, workers, fragments(500)); !slices.Equal(got, want) {
			t.Errorf("%d workers give another result", workers)
		}
	}
}

func TestScanEndsWithAnErrorThatIsNotOfOneInput(t *testing.T) {
	broken := errors.New("disk on fire")
	in := func(yield func(detect.Fragment, error) bool) {
		_ = yield(detect.Fragment{Data: []byte("tok_abcdefgh")}, nil) && yield(detect.Fragment{}, broken) && yield(detect.Fragment{Data: []byte("tok_abcdefgh")}, nil)
	}
	got := scan(t, 2, in)
	if len(got) != 2 || got[1] != broken.Error() {
		t.Fatalf("got %q", got)
	}
}

func TestScanSurvivesAPanic(t *testing.T) {
	in := func(yield func(detect.Fragment, error) bool) {
		_ = yield(detect.Fragment{Origin: detect.Origin{Path: "p"}, Load: func(*[]byte) (detect.Fragment, error) { panic("tok_abcdefgh") }}, nil) &&
			yield(detect.Fragment{Data: []byte("tok_abcdefgh")}, nil)
	}
	got := scan(t, 2, in)
	if len(got) != 2 || !strings.HasPrefix(got[0], "p: internal error") || strings.Contains(got[0], "tok_") {
		t.Fatalf("got %q", got)
	}
}

// settled waits for goroutines to end and returns how many are left.
func settled(most int) int {
	n := runtime.NumGoroutine()
	for range 200 {
		if n <= most {
			break
		}
		time.Sleep(time.Millisecond)
		n = runtime.NumGoroutine()
	}
	return n
}

func TestScanLeavesNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	d := newDetector(t, testRules, detect.Options{Workers: 4})
	for range d.Scan(context.Background(), fragments(1000)) {
		break
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var last error
	for _, err := range d.Scan(ctx, fragments(100000)) {
		cancel()
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("a cancelled scan ends with %v", last)
	}
	if n := settled(before); n > before {
		t.Errorf("%d goroutines are left of %d", n, before)
	}
}
