package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan"
)

// batch passes findings on to a report, some at a time when something is to be found out about all of them at once.
type batch struct {
	complete func(context.Context, []detect.Finding) error // nil if there is nothing to be found out
	write    func(detect.Finding) error
	grouped  bool // findings of one secret go on together
	held     []detect.Finding
}

// So many findings wait for each other, and so many to be grouped.
const (
	maxHeld    = 1000
	maxGrouped = 100_000
)

func (b *batch) add(ctx context.Context, f detect.Finding) error {
	if b.complete == nil {
		return b.write(f)
	}
	limit := maxHeld
	if b.grouped {
		limit = maxGrouped
	}
	if b.held = append(b.held, f); len(b.held) < limit {
		return nil
	}
	return b.flush(ctx)
}

// flush passes on what is held.
func (b *batch) flush(ctx context.Context) error {
	if len(b.held) == 0 {
		return nil
	}
	if err := b.complete(ctx, b.held); err != nil {
		return err
	}
	if b.grouped {
		group(b.held)
	}
	for _, f := range b.held {
		if err := b.write(f); err != nil {
			return err
		}
	}
	b.held = b.held[:0]
	return nil
}

// group puts findings of the same rule and secret next to the first of them.
func group(findings []detect.Finding) {
	type key struct{ rule, secret string }
	first := make(map[key]int)
	place := func(f detect.Finding) int { return first[key{f.RuleID, string(f.Secret.Reveal())}] }
	for i, f := range findings {
		if k := (key{f.RuleID, string(f.Secret.Reveal())}); first[k] == 0 {
			first[k] = i + 1
		}
	}
	slices.SortStableFunc(findings, func(a, b detect.Finding) int { return place(a) - place(b) })
}

// maxRounds is how often lifecycles reads the files of a change's ends.
const maxRounds = 10

// lifecycles finds out what becomes of secrets within a range of commits.
type lifecycles struct {
	repo    *gitscan.Repository
	commits commitRange

	known  map[string]detect.Lifecycle // by the secret
	rounds int
}

// set sets the findings' lifecycles, where they can be found out. The error is that of ctx.
func (l *lifecycles) set(ctx context.Context, findings []detect.Finding) error {
	if l.known == nil {
		l.known = make(map[string]detect.Lifecycle)
	}
	var secrets [][]byte
	for _, f := range findings {
		secret := f.Secret.Reveal()
		if _, ok := l.known[string(secret)]; !ok {
			l.known[string(secret)] = detect.LifecycleUnknown
			secrets = append(secrets, secret)
		}
	}
	if l.rounds++; l.rounds <= maxRounds && len(secrets) > 0 {
		l.learn(ctx, secrets)
	}
	for i := range findings {
		f := &findings[i]
		f.Lifecycle = l.known[string(f.Secret.Reveal())]
		if f.Lifecycle == detect.LifecycleRemoved && f.Origin.Kind == detect.KindMessage {
			f.Lifecycle = detect.LifecycleNew // a message is there as long as its commit is
		}
	}
	return ctx.Err()
}

// learn finds out which secrets the base has, and of the others, which of them the head has.
func (l *lifecycles) learn(ctx context.Context, secrets [][]byte) {
	base, err := l.base(ctx)
	if err != nil {
		return
	}
	if base != "" {
		found, complete, err := l.repo.Contains(ctx, base, "", secrets)
		if err != nil {
			return
		}
		var others [][]byte
		for i, secret := range secrets {
			if found[i] {
				l.known[string(secret)] = detect.LifecycleMoved
			} else {
				others = append(others, secret)
			}
		}
		if secrets = others; !complete {
			return
		}
	}
	found, complete, err := l.repo.Contains(ctx, l.commits.head, base, secrets)
	if err != nil {
		return
	}
	for i, secret := range secrets {
		switch {
		case found[i] && l.commits.whole: // what the change is about is not known so well
		case found[i]:
			l.known[string(secret)] = detect.LifecycleNew
		case complete:
			l.known[string(secret)] = detect.LifecycleRemoved
		}
	}
}

// base returns the commit at which the range begins, "" if nothing was there before.
func (l *lifecycles) base(ctx context.Context) (id string, err error) {
	if l.commits.whole {
		return "", nil
	}
	base := l.commits.base
	if commit, single := strings.CutSuffix(base, "^@"); single {
		id, err = l.repo.Commit(commit + "^")
		if errors.Is(err, gitscan.ErrUnknownRevision) {
			return "", nil
		}
		return id, err
	}
	if id, err = l.repo.MergeBase(ctx, base, l.commits.head); err == nil {
		return id, nil
	}
	return l.repo.Commit(base)
}
