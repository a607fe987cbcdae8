package generic

import "github.com/keysieve/keysieve/detect"

// What is looked at around a key word, in bytes. [detect.Matcher] promises it to whoever searches a changed text again.
const (
	reachBefore = 256 // before the key word's first byte
	reachAfter  = 512 // after it, that byte included
)

// window is the text around a key word. Positions of candidates count in its data.
type window struct {
	data  []byte
	base  int  // where data begins in the fragment's
	ended bool // the text ends where data does; what is cut off there goes on
	path  string

	// What a key word that leads to no candidate depends on, zero for all; it may go beyond the data.
	looked detect.Range

	file      fileClass
	fileKnown bool
}

// windowOf returns what may be seen around the key word at f.Data[at], and where in it the key word is. A fragment that is
// cut to it already gives the same.
func windowOf(f *detect.Fragment, at int) (w window, in int) {
	lo, hi := max(at-reachBefore, 0), min(at+reachAfter, len(f.Data))
	return window{data: f.Data[lo:hi], base: lo, ended: at+reachAfter > len(f.Data), path: f.Origin.Path}, at - lo
}

// class returns what the path says.
func (w *window) class() fileClass {
	if !w.fileKnown {
		w.file, w.fileKnown = fileClass{kindOf(w.path), pathOf(w.path)}, true
	}
	return w.file
}

// cut reports whether a value that ends at the position may go on where the window does not show it.
func (w *window) cut(end int) bool { return end == len(w.data) && !w.ended }

// shift returns a range of the window's data as one of the fragment's; none stays none.
func (w *window) shift(r detect.Range) detect.Range {
	if r == (detect.Range{}) {
		return r
	}
	return detect.Range{Start: r.Start + w.base, End: r.End + w.base}
}
