package report

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fatih/color"
	"github.com/keysieve/keysieve/detect"
)

// textEncoder writes for people. A secret is shown in full where it stands first; its other places are a line each.
type textEncoder struct {
	opts  Options
	paint palette

	path   string                       // the header that the output stands under
	last   [sha256.Size]byte            // rule and secret of the finding written last
	first  map[[sha256.Size]byte]string // rule and secret → where it was shown in full
	some   bool                         // something was written
	times  int                          // how often the last secret was named again
	unsaid int                          // how many of its places were only counted
	aside  bool                         // what was written last tells of secrets shown elsewhere
}

func newText(opts Options) encoder {
	return &textEncoder{opts: opts, paint: newPalette(opts.Color), first: map[[sha256.Size]byte]string{}}
}

// palette holds the colours in use. They are switched by the options and not by the color package, which looks at
// standard output and the environment.
type palette struct {
	severity                         [detect.SeverityCritical + 1]*color.Color
	header, secret, faint, bad, good *color.Color
}

func newPalette(on bool) palette {
	paint := func(attrs ...color.Attribute) *color.Color {
		c := color.New(attrs...)
		if on {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
		return c
	}
	p := palette{
		header: paint(color.Bold, color.Underline),
		secret: paint(color.Bold, color.FgYellow),
		faint:  paint(color.Faint),
		bad:    paint(color.Bold, color.FgWhite, color.BgRed),
		good:   paint(color.Bold, color.FgGreen),
	}
	p.severity[detect.SeverityLow] = paint(color.FgCyan)
	p.severity[detect.SeverityMedium] = paint(color.FgYellow)
	p.severity[detect.SeverityHigh] = paint(color.Bold, color.FgRed)
	p.severity[detect.SeverityCritical] = paint(color.Bold, color.FgWhite, color.BgRed)
	return p
}

func (t *textEncoder) begin(b *bytes.Buffer, run Run) error {
	if t.opts.Verbose {
		roots := make([]string, len(run.Roots))
		for i, root := range run.Roots {
			roots[i] = QuotePath(root)
		}
		line := fmt.Sprintf("%s %s, %s %s, %s", run.Tool, run.Version, run.Command, strings.Join(roots, " "),
			quantity(int64(run.Rules), "rules"))
		fmt.Fprintln(b, t.paint.faint.Sprint(Sanitize(line)))
		t.some = true
	}
	return nil
}

func (t *textEncoder) finding(b *bytes.Buffer, r *record) error {
	if t.last != r.same {
		t.rest(b)
	}
	if first, ok := t.first[r.same]; ok {
		t.again(b, r, first)
	} else {
		t.first[r.same] = placeInCommit(r)
		t.full(b, r)
	}
	t.last = r.same
	t.some = true
	return nil
}

// full writes a finding with everything there is to say about it.
func (t *textEncoder) full(b *bytes.Buffer, r *record) {
	t.aside = false
	if t.some {
		b.WriteByte('\n')
	}
	if name := nameOf(r); name != t.path {
		t.path = name
		fmt.Fprintln(b, t.paint.header.Sprint(name))
	}
	fmt.Fprintf(b, "  %s  %s %s  %s\n", t.paint.severity[r.Severity].Sprint(r.Severity), Sanitize(r.Title),
		t.paint.faint.Sprintf("(%s)", Sanitize(r.RuleID)), placeOf(r))
	t.line(b, r)
	if r.Commit != "" {
		t.detail(b, "in:  ", commitOf(r))
	}
	if now := nowOf(r); now != "" {
		t.detail(b, "now: ", now)
	}
	t.detail(b, "why: ", strings.Join(append([]string{r.Confidence.String() + " confidence"}, r.Evidence...), "; "))
	if r.DecodedFrom != "" {
		t.detail(b, "was: ", "decoded from "+r.DecodedFrom)
	}
	if r.Revoke != "" {
		t.detail(b, "fix: ", "revoke it, "+r.Revoke)
	}
	if t.opts.Verbose {
		t.detail(b, "fingerprint: ", r.Fingerprint)
	}
}

func (t *textEncoder) detail(b *bytes.Buffer, label, text string) {
	fmt.Fprintf(b, "    %s%s\n", t.paint.faint.Sprint(label), Sanitize(text))
}

// again writes the place of a secret that was shown before. It names the secret unless it stands right below it.
func (t *textEncoder) again(b *bytes.Buffer, r *record, first string) {
	place := placeInCommit(r)
	if t.last == r.same {
		if t.times++; t.times > maxAgain && r.Commit != "" && !t.opts.Verbose {
			t.unsaid++
			return
		}
		fmt.Fprintf(b, "    %s%s\n", t.paint.faint.Sprint("also at "), place)
		return
	}
	if !t.aside { // apart from the finding above, which it has nothing to do with
		b.WriteByte('\n')
		t.aside = true
	}
	fmt.Fprintf(b, "  %s%s  %s\n", t.paint.faint.Sprint("also at "), place,
		t.paint.faint.Sprintf("the %s of %s", Sanitize(r.RuleID), first))
}

// maxAgain is how often a secret of a history that was shown is named again, without Verbose, before places are only counted: every
// version of a file may be one.
const maxAgain = 3

// rest says how many places of the last secret were only counted.
func (t *textEncoder) rest(b *bytes.Buffer) {
	if t.unsaid > 0 {
		fmt.Fprintf(b, "    %sat %s\n", t.paint.faint.Sprint("and "), quantity(int64(t.unsaid), "more places"))
	}
	t.times, t.unsaid = 0, 0
}

// contextShown is how much of a line is shown on each side of a secret, in bytes, so that most lines fit 100 columns.
const contextShown = 40

// line writes the line that the secret stands on, with the secret marked by colour or by carets below it.
func (t *textEncoder) line(b *bytes.Buffer, r *record) {
	before, cut := lastBytes(r.before, contextShown)
	if before = strings.TrimLeftFunc(before, unicode.IsSpace); cut || r.StartColumn-1 > detect.ContextWidth {
		before = "…" + before
	}
	after, cut := firstBytes(r.after, contextShown)
	if after = strings.TrimRightFunc(after, unicode.IsSpace); cut {
		after += "…"
	}
	untab := strings.NewReplacer("\t", " ")
	before, after = Sanitize(untab.Replace(before)), Sanitize(untab.Replace(after))
	secret := Sanitize(r.Secret)
	if before == ":" && strings.HasPrefix(secret, ":") {
		before = `\x3a` // see Sanitize
	}
	fmt.Fprintf(b, "    %s%s%s\n", before, t.paint.secret.Sprint(secret), after)
	if !t.opts.Color {
		fmt.Fprintf(b, "    %s%s\n", strings.Repeat(" ", columns(before)), strings.Repeat("^", max(1, columns(secret))))
	}
}

// lastBytes returns the end of s, at most n bytes and beginning with a whole character, and whether anything was cut.
func lastBytes(s string, n int) (string, bool) {
	if len(s) <= n {
		return s, false
	}
	i := len(s) - n
	for i < len(s) && !utf8.RuneStart(s[i]) {
		i++
	}
	return s[i:], true
}

// firstBytes returns the beginning of s, at most n bytes and ending with a whole character, and whether anything was cut.
func firstBytes(s string, n int) (string, bool) {
	if len(s) <= n {
		return s, false
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n], true
}

// columns returns how many columns of a terminal s takes, for the carets.
func columns(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me):
		case wide(r):
			n += 2
		default:
			n++
		}
	}
	return n
}

// wide reports whether r takes two columns: the blocks whose characters are wide in Unicode's EastAsianWidth.txt. A
// rare character between them that it misses moves the carets by one column.
func wide(r rune) bool {
	return 0x1100 <= r && r <= 0x115f || 0x2e80 <= r && r <= 0xa4cf || 0xac00 <= r && r <= 0xd7a3 ||
		0xf900 <= r && r <= 0xfaff || 0xfe30 <= r && r <= 0xfe6f || 0xff00 <= r && r <= 0xff60 ||
		0xffe0 <= r && r <= 0xffe6 || 0x1f300 <= r && r <= 0x1faff || 0x20000 <= r && r <= 0x3fffd
}

// nameOf names what a finding stands in.
func nameOf(r *record) string {
	name := QuotePath(r.rawPath)
	switch {
	case r.kind == detect.KindMessage && r.rawPath == "":
		return "(commit message)"
	case r.rawPath == "":
		return "(standard input)"
	}
	return name
}

// placeOf says where a finding stands, in the form that terminals and editors open.
func placeOf(r *record) string {
	place := fmt.Sprintf("%s:%d:%d", nameOf(r), r.StartLine, r.StartColumn)
	if r.kind == detect.KindName {
		place = QuotePath(r.rawPath) + " (the file's name)"
	}
	return place
}

// placeInCommit says where a finding stands, with its commit if it is in a history.
func placeInCommit(r *record) string {
	if r.Commit == "" {
		return placeOf(r)
	}
	return placeOf(r) + " in " + shortCommit(r)
}

// shortCommit returns the beginning of a commit's id, long enough to name it in any repository of common size.
func shortCommit(r *record) string { return Sanitize(r.Commit[:min(len(r.Commit), 12)]) }

// commitOf says which commit a finding came in with.
func commitOf(r *record) string {
	parts := []string{"commit " + shortCommit(r)}
	day, _, _ := strings.Cut(r.Date, "T")
	for _, s := range []string{r.Author, day, r.Ref} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

// nowOf says what has become of a secret, in the change that was scanned or in the repository, "" if that is not known.
func nowOf(r *record) string {
	if r.InHead != nil {
		return standingOf(r)
	}
	switch r.Lifecycle {
	case detect.LifecycleNew.String():
		return "new in this change, and still there"
	case detect.LifecycleRemoved.String():
		return "taken out again within this change, but it stays in the history: revoke it"
	case detect.LifecycleMoved.String():
		return "not new: it stood there before this change"
	}
	return ""
}

// standingOf says where in the repository a secret still is.
func standingOf(r *record) string {
	refs := ""
	if r.RefCount > 0 {
		refs = quantity(int64(r.RefCount), "refs") + " (" + strings.Join(r.Refs[:min(len(r.Refs), 3)], ", ")
		if r.RefCount > 3 {
			refs += ", …"
		}
		refs += ")"
	}
	switch {
	case *r.InHead && refs != "":
		return "still in HEAD and in " + refs
	case *r.InHead:
		return "still in HEAD"
	case refs != "":
		return "not in HEAD, but in " + refs
	}
	return "in the files of no ref any more, but it stays in the history: revoke it"
}
