package main

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/keysieve/keysieve/detect"
)

// TestBatch sees that findings are completed some at a time and written in order, and that an error ends it.
func TestBatch(t *testing.T) {
	refused := errors.New("refused")
	for _, test := range []struct {
		name        string
		n           int
		alone       bool  // there is nothing to complete
		fail        error // of completing
		wantWritten int
		wantRounds  int
	}{
		{"none", 0, false, nil, 0, 0},
		{"one", 1, false, nil, 1, 1},
		{"just one round", maxHeld, false, nil, maxHeld, 1},
		{"three rounds", 2*maxHeld + 1, false, nil, 2*maxHeld + 1, 3},
		{"at once", 3, true, nil, 3, 0},
		{"failed", maxHeld + 5, false, refused, 0, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			rounds, written := 0, 0
			b := batch{write: func(f detect.Finding) error {
				if f.Start.Line != written || !test.alone && f.Lifecycle != detect.LifecycleMoved {
					return fmt.Errorf("finding %d is %d, %v", written, f.Start.Line, f.Lifecycle)
				}
				written++
				return nil
			}}
			if !test.alone {
				b.complete = func(_ context.Context, findings []detect.Finding) error {
					rounds++
					for i := range findings {
						findings[i].Lifecycle = detect.LifecycleMoved
					}
					return test.fail
				}
			}
			var err error
			for i := 0; i < test.n && err == nil; i++ {
				err = b.add(t.Context(), detect.Finding{Start: detect.Position{Line: i}})
			}
			if err == nil {
				err = b.flush(t.Context())
			}
			if !errors.Is(err, test.fail) || written != test.wantWritten || rounds != test.wantRounds {
				t.Errorf("%d written, %d rounds, %v", written, rounds, err)
			}
		})
	}
}
