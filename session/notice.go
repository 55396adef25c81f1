package session

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A notice is a line over the last row of the terminal, for a while.
type notice struct {
	text  string
	until time.Time
	bytes int // input thrown away that it tells of
}

// noticeMost is how many bytes of notices are shown side by side.
const noticeMost = 100

// expired takes the notice away when its time is over, and reports whether it did.
func (n *notice) expired(now time.Time) bool {
	if n.until.IsZero() || now.Before(n.until) {
		return false
	}
	*n = notice{}
	return true
}

// sayNotTyped tells how much of what was typed lately will not be: an interrupt
// threw it away, or it was too much.
func (l *memberLoop) sayNotTyped(bytes int) {
	bytes += l.notice.bytes
	if bytes == 1 {
		l.say("1 byte was not typed")
	} else {
		l.say(fmt.Sprintf("%d bytes were not typed", bytes))
	}
	l.notice.bytes = bytes
}

// noticeText returns what is shown on the last row now.
func (l *memberLoop) noticeText() string {
	if l.notice.text != "" {
		return l.notice.text
	}
	return l.awayText(l.cfg.Now())
}

// say shows text for a while.
func (l *memberLoop) say(text string) {
	l.notice = notice{text: text, until: l.cfg.Now().Add(noticeFor)}
	l.dirty = true
}

// sayAlso shows text beside a notice that goes away by itself, not in its place.
func (l *memberLoop) sayAlso(text string) {
	if n := l.notice; n.text != "" && n.bytes == 0 && len(n.text) < noticeMost {
		text = n.text + "; " + text
	}
	l.say(text)
}

// people is who was in the session at the last news; nil before the first.
type people map[authorName]Person

// changes tells who joined, left or lost the host since, for all but self. At the
// first news those count as joined who did so after self: their incarnation is
// above own.
func (p *people) changes(now []Person, self Self, own uint64) string {
	var joined, left, away, back []string
	next := make(people, len(now))
	for _, q := range now {
		name := authorName{q.Key, q.Incarnation}
		next[name] = q
		old, was := (*p)[name]
		switch {
		case q.Key == self.Key, *p == nil && q.Incarnation < own:
		case !was && q.MayType:
			joined = append(joined, q.Name)
		case !was:
			joined = append(joined, q.Name+" (watching)")
		case q.Away && !old.Away:
			away = append(away, q.Name)
		case !q.Away && old.Away:
			back = append(back, q.Name)
		}
	}
	for _, name := range sortedNames(*p) {
		if _, is := next[name]; !is && name.key != self.Key {
			left = append(left, (*p)[name].Name)
		}
	}
	*p = next
	return sentence(
		part{joined, "joined"}, part{left, "left"}, part{away, "lost the connection"}, part{back, "is back"},
	)
}

// sortedNames returns the names in p in an order that does not depend on the map.
func sortedNames(p people) []authorName {
	return slices.SortedFunc(maps.Keys(p), func(a, b authorName) int {
		return cmp.Or(a.key.Compare(b.key), cmp.Compare(a.incarnation, b.incarnation))
	})
}

type part struct {
	who  []string
	what string
}

func sentence(parts ...part) string {
	var s []string
	for _, p := range parts {
		if len(p.who) > 0 {
			s = append(s, strings.Join(p.who, ", ")+" "+p.what)
		}
	}
	return strings.Join(s, "; ")
}

// news takes over how this member stands and says what changed.
func (l *memberLoop) news(s MemberState) {
	old := l.state
	l.state = s
	if s.Over != nil {
		l.end(JoinResult{Way: WayOver, Err: s.Over})
		return
	}
	if s.Joined != nil && (old.Joined == nil || *s.Joined != *old.Joined) {
		l.step(*s.Joined)
		l.dirty = true
	}
	if s.Link != old.Link {
		l.step(LinkUp{})
	}
	if s.Joined == nil {
		return
	}
	if text := l.people.changes(s.People, l.cfg.Self, s.Joined.Incarnation); text != "" {
		l.sayAlso(text)
	}
	l.reach(s)
}
