package gossip

import (
	"fmt"
	"strings"
	"testing"
)

// Who was away for long asks for range after range, each as soon as the one before has
// come whole, and not once in pullEvery.
func TestRangesFollowEachOther(t *testing.T) {
	came := func(from, to int) string {
		var b strings.Builder
		for n := from; n <= to; n++ {
			fmt.Fprintf(&b, "; c gossip %d repair; good c %d", n, n)
		}
		return b.String()
	}
	asked := rooted + "b prune; c prune; d prune; c ihave 600; wait 100ms"
	gaps := rooted + "b prune; c prune; d prune; c gossip 5; good c 5; c gossip 8; good c 8; c ihave 600; wait 100ms"
	for _, p := range []promise{{
		desc:  "a range is asked for",
		lines: asked,
		want:  "c <- pull 3 258",
	}, {
		desc:  "while it comes nothing more is",
		lines: asked + came(3, 257),
		want:  "grew 257",
	}, {
		desc:  "then the next is, at once",
		lines: asked + came(3, 258),
		want:  "c <- pull 259 514; grew 258",
	}, {
		desc:  "and the next",
		lines: asked + came(3, 514),
		want:  "c <- pull 515 770; grew 514",
	}, {
		desc:  "what came without being asked for is no reason",
		lines: rooted + "b prune; c prune; d prune; c ihave 600" + came(3, 258),
		want:  "grew 258",
	}, {
		desc:  "what is missing before what is here is asked for",
		lines: gaps,
		want:  "c <- pull 3 4",
	}, {
		desc:  "then what is missing behind that, at once",
		lines: gaps + came(3, 4),
		want:  "c <- pull 6 7; grew 5",
	}, {
		desc:  "and what nobody has yet here",
		lines: gaps + came(3, 4) + came(6, 7),
		want:  "c <- pull 9 264; grew 8",
	}} {
		p.check(t)
	}
}
