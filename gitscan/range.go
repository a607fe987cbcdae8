package gitscan

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/keysieve/keysieve/detect"
	"github.com/keysieve/keysieve/gitscan/internal/commits"
	"github.com/keysieve/keysieve/gitscan/internal/object"
	"github.com/keysieve/keysieve/gitscan/internal/revision"
	"github.com/keysieve/keysieve/gitscan/internal/treediff"
)

// The paths of fragments that are no files.
const (
	CommitMessage = "(commit message)"
	TagMessage    = "(tag message)"

	// What stands before the message: who made it, a tag that was merged, and whatever else somebody has written there.
	CommitHeader = "(commit header)"
	TagHeader    = "(tag header)"
)

// ErrShallow is the cause of the error about a commit at which the history of a shallow clone is cut off.
var ErrShallow = errors.New("a shallow clone's history ends here, so that all of its files count as new; " +
	`get the rest with "git fetch --unshallow" (in a CI job, set the depth of its checkout to 0)`)

// An Update is a ref that a push is to change. The ids have 40 hexadecimal digits; all zeros stand for a ref that is to be
// created (RemoteID) or deleted (LocalID).
type Update struct {
	LocalRef  string // what is pushed, as git names it: a ref, "HEAD", "(delete)"; it need not exist
	LocalID   string // what the ref is to become
	RemoteRef string
	RemoteID  string // what the ref is on the receiving side
}

// Range returns what commits add: of every commit that can be reached from one of include and from none of exclude, its
// message, and each path's content that is in none of its parents, with the lines that are new to all of them. Parents come
// before children. include and exclude are revisions like HEAD~2, main or an id, as in gitrevisions(7). What is named need
// not be a commit: annotated tags of include are read too, and what they lead to, be it a tree or a blob. In exclude, COMMIT^@
// stands for all parents of a commit.
//
// A commit at which a shallow clone's history is cut off counts as having no parents, and is followed by an error with the
// cause ErrShallow. Errors are those of [Repository.Staged]; a revision that does not exist is the last pair. An empty range is
// no error, see [Coverage].
func (r *Repository) Range(ctx context.Context, include, exclude []string) iter.Seq2[detect.Fragment, error] {
	return r.scan(ctx, func(s *scan) error {
		var p plan
		for _, name := range include {
			id, err := revision.Resolve(name, r.refs, r.objects)
			if err != nil {
				return s.explain(err)
			}
			if _, _, err := r.objects.Stat(id); err != nil {
				return s.explain(fmt.Errorf("revision %q: %w", name, err))
			}
			p.include = append(p.include, tip{name, id})
		}
		for _, name := range exclude {
			ids, err := r.excluded(name)
			if err != nil {
				return s.explain(err)
			}
			p.exclude = append(p.exclude, ids...)
		}
		return s.history(p)
	})
}

// excluded returns the commits that an excluded revision stands for.
func (r *Repository) excluded(name string) ([]object.ID, error) {
	child, parents := strings.CutSuffix(name, "^@")
	id, err := revision.Commit(child, r.refs, r.objects)
	if err != nil || !parents {
		return []object.ID{id}, err
	}
	shallow, err := r.shallow()
	if err != nil || shallow[id] {
		return nil, err
	}
	commit, err := r.objects.Commit(id)
	return commit.Parents, err
}

// explain adds to the error about a revision what may be the reason.
func (r *Repository) explain(err error) error {
	if shallow, _ := r.Shallow(); shallow {
		return fmt.Errorf(`%w; this is a shallow clone, get the rest with "git fetch --unshallow"`, err)
	}
	return err
}

// Push returns what a push would bring to a remote, given what git tells a pre-push hook: what can be reached from the new
// values of the refs, and neither from their old ones nor from what is known of the remote (refs/remotes/REMOTE/). Of a
// remote of which nothing is known, like a URL, what is known of any remote counts. Deleted refs bring nothing. Order and
// errors are those of [Repository.Range]; an id that is none is the last pair.
func (r *Repository) Push(ctx context.Context, updates []Update, remote string) iter.Seq2[detect.Fragment, error] {
	return r.scan(ctx, func(s *scan) error {
		p, err := s.planOf(updates, func(u Update) string { return u.LocalRef })
		if err != nil || len(p.include) == 0 {
			return err
		}
		s.excludeRemote(&p, remote)
		return s.history(p)
	})
}

// Unpushed returns what a push of all branches and tags would bring to a remote. It is for frameworks that do not pass on
// which refs are pushed. Order and errors are those of [Repository.Range].
func (r *Repository) Unpushed(ctx context.Context, remote string) iter.Seq2[detect.Fragment, error] {
	return r.scan(ctx, func(s *scan) error {
		var p plan
		s.eachRef("refs/heads/", func(t tip) { p.include = append(p.include, t) })
		s.eachRef("refs/tags/", func(t tip) { p.include = append(p.include, t) })
		s.excludeRemote(&p, remote)
		return s.history(p)
	})
}

// Receive returns what a push brings to this repository, in its pre-receive or update hook: what can be reached from the new
// values of the refs and from none of the refs that exist. LocalID is the new value, RemoteID the old one and RemoteRef the
// ref; LocalRef is not used. Order and errors are those of [Repository.Range]; an id that is none is the last pair.
func (r *Repository) Receive(ctx context.Context, updates []Update) iter.Seq2[detect.Fragment, error] {
	return r.scan(ctx, func(s *scan) error {
		p, err := s.planOf(updates, func(u Update) string { return u.RemoteRef })
		if err != nil || len(p.include) == 0 {
			return err
		}
		s.eachRef("refs/", func(t tip) { p.exclude = append(p.exclude, t.id) })
		return s.history(p)
	})
}

// plan says where a walk through the history begins and ends.
type plan struct {
	include []tip
	exclude []object.ID // commits, or tags of commits; others exclude nothing
}

// tip is an object and what it is called.
type tip struct {
	name string
	id   object.ID
}

// planOf returns the plan of a push without what is known beside it. name says what to call an update.
func (s *scan) planOf(updates []Update, name func(Update) string) (plan, error) {
	var p plan
	for _, u := range updates {
		local, err := object.ParseID(u.LocalID)
		if err != nil {
			return p, fmt.Errorf("%s: %q: %w", name(u), u.LocalID, err)
		}
		remote, err := object.ParseID(u.RemoteID)
		if err != nil {
			return p, fmt.Errorf("%s: %q: %w", u.RemoteRef, u.RemoteID, err)
		}
		if !local.IsZero() && local != remote {
			p.include = append(p.include, tip{name(u), local})
		}
		if !remote.IsZero() {
			p.exclude = append(p.exclude, remote)
		}
	}
	return p, nil
}

// excludeRemote excludes what is known of a remote, or of all of them if nothing is.
func (s *scan) excludeRemote(p *plan, remote string) {
	known := false
	exclude := func(t tip) {
		p.exclude = append(p.exclude, t.id)
		known = true
	}
	const remotes = "refs/remotes/"
	if remote != "" {
		s.eachRef(remotes+remote+"/", exclude)
	}
	if !known {
		s.eachRef(remotes, exclude)
	}
}

// eachRef calls use for the refs whose names begin with prefix. A ref that cannot be read is reported: without it, more or
// less may be scanned than should be.
func (s *scan) eachRef(prefix string, use func(tip)) {
	for ref, err := range s.refs.All() {
		switch {
		case err != nil && (concerns(ref.Name, prefix) || !strings.HasPrefix(ref.Name, "refs/")):
			s.lose(ref.Name, err)
		case err == nil && strings.HasPrefix(ref.Name, prefix) && !ref.ID.IsZero():
			use(tip{ref.Name, ref.ID})
		}
	}
}

// concerns reports whether what is wrong with a ref or directory of refs says something about those that begin with prefix.
func concerns(name, prefix string) bool {
	return strings.HasPrefix(name, prefix) || strings.HasPrefix(prefix, name+"/")
}

// history yields what the plan's objects lead to.
func (s *scan) history(p plan) error {
	include, others := split(s.follow(p.include))
	if err := s.commits(include, s.peeled(p.exclude)); err != nil {
		return err
	}
	for _, c := range others {
		if c.Mode == object.ModeTree {
			s.files(treediff.Changes(c.ID, nil, s.objects.Tree), nil)
		} else {
			s.file(c, nil, s.newEarlier())
		}
	}
	return nil
}

// A target is what a tip leads to.
type target struct {
	tip
	kind object.Kind
}

// follow returns what the tips lead to, without those that cannot be read. It yields the messages of tags.
func (s *scan) follow(tips []tip) (list []target) {
	for _, t := range tips {
		if id, kind, ok := s.peel(t); ok {
			list = append(list, target{tip{t.name, id}, kind})
		}
	}
	return list
}

// split returns the commits, and what else targets are, as paths.
func split(targets []target) (include []object.ID, others []treediff.Change) {
	for _, t := range targets {
		switch t.kind {
		case object.Commit:
			include = append(include, t.id)
		case object.Tree:
			others = append(others, treediff.Change{Path: t.name, Mode: object.ModeTree, ID: t.id})
		default:
			others = append(others, treediff.Change{Path: t.name, Mode: object.ModeFile, ID: t.id})
		}
	}
	return include, others
}

// peel follows annotated tags, whose messages it yields once, to something else. It reports what cannot be read.
func (s *scan) peel(t tip) (id object.ID, kind object.Kind, ok bool) {
	const maxTags = 100
	id = t.id
	var err error
	for range maxTags {
		if s.stopped() {
			return id, kind, false
		}
		if kind, _, err = s.objects.Stat(id); err != nil || kind != object.Tag {
			break
		}
		var tag object.TagData
		if tag, err = s.objects.Tag(id); err != nil {
			break
		}
		if !s.tags[id] {
			s.tags[id] = true
			by := &detect.Commit{ID: id.String(), Author: tag.Tagger.Name, Email: tag.Tagger.Email, Date: tag.Tagger.When, Ref: t.name}
			s.message(TagMessage, tag.Message, by)
			s.say(TagHeader, tag.Header, by)
		}
		id = tag.Object
	}
	if err == nil && kind == object.Tag {
		err = errors.New("too many tags in a row")
	}
	if err != nil {
		s.lose(t.name, err)
	}
	return id, kind, err == nil
}

// peeled returns the commits that the ids lead to. What is not there, or is no commit, excludes nothing.
func (s *scan) peeled(ids []object.ID) []object.ID {
	var list []object.ID
	seen := make(map[object.ID]bool)
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		if id, kind, err := revision.Peel(id, s.objects); err == nil && kind == object.Commit {
			list = append(list, id)
		}
	}
	return list
}

// commits yields what the commits of a range add.
func (s *scan) commits(include, exclude []object.ID) error {
	if len(include) == 0 {
		return nil
	}
	shallow, err := s.shallow()
	if err != nil {
		return err
	}
	list, err := commits.Select(s.ctx, commits.Repository{Read: s.links, Shallow: shallow}, include, exclude)
	if err != nil {
		return err
	}
	for _, c := range list {
		if s.stopped() {
			return nil
		}
		if err := s.commit(c); err != nil {
			s.lose("commit "+c.ID.String(), err)
		}
	}
	return nil
}

func (r *Repository) links(id object.ID) (commits.Links, error) {
	data, err := r.objects.Commit(id)
	return commits.LinksOf(data), err
}

// commit yields what a commit adds.
func (s *scan) commit(c commits.Commit) error {
	if c.Err != nil {
		return c.Err
	}
	data, err := s.objects.Commit(c.ID)
	if err != nil {
		return err
	}
	s.account(func(c *Coverage) { c.Commits++ })
	commit := &detect.Commit{ID: c.ID.String(), Author: data.Author.Name, Email: data.Author.Email, Date: data.Author.When}
	s.message(CommitMessage, data.Message, commit)
	s.say(CommitHeader, data.Header, commit)
	var parents []object.ID
	if c.Shallow {
		s.account(func(c *Coverage) { c.Truncated++ })
		s.report(&detect.InputError{Path: "commit " + c.ID.String(), Err: ErrShallow})
		data.Parents = nil
	}
	for _, id := range data.Parents {
		parent, err := s.objects.Commit(id)
		if err != nil {
			s.lose("commit "+id.String(), err)
			continue
		}
		parents = append(parents, parent.Tree)
	}
	s.files(treediff.Changes(data.Tree, parents, s.objects.Tree), commit)
	return nil
}
