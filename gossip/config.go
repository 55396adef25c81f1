package gossip

import (
	"math/bits"
	"net/netip"
	"time"

	"gossterm/internal/id"
)

// Bounds of a State: whatever its peers do, it holds no more.
const (
	maxLinks    = 2048    // links known at a time: 1,024 peers and those on their way
	maxAsks     = 64      // peers being asked at a time
	maxFill     = 3       // of these, to fill the active view
	maxInvites  = 2       // of these, whom others named and to whom there is no link yet
	maxContacts = 8       // remembered to come back through
	maxWalks    = 64      // shuffles on their way through us
	maxPending  = 256     // records being checked
	checkBytes  = 1 << 20 // and their bytes
	maxCopies   = 2       // further copies of one of them
	maxAhead    = 1024    // records kept beyond a gap
	aheadBytes  = 1 << 20 // and their bytes
	maxAnswers  = 64      // ranges remembered as answered, a link
	maxInputs   = 64      // inputs being checked
	maxReplies  = 8       // answers to shuffles and joins that are awaited
	maxPassed   = 1024    // inputs and requests remembered as passed on
	maxRoutes   = 256     // requests whose answer is awaited
	maxWays     = 2       // neighbors that an input is given to, if there is no link to the host
	introduced  = 4       // neighbors that a joiner is told of at once
	walksMost   = 4       // walks that a joiner is sent on
)

// Times of the protocol that nobody needs to set.
const (
	dialWait     = 5 * time.Second        // a dial that says nothing
	askWait      = time.Second            // an ask without an answer
	fillPause    = 10 * time.Second       // before the same passive peer is asked again
	fillEvery    = 500 * time.Millisecond // between two asks to fill, for who has keepDegree neighbors
	idleAfter    = 5 * time.Second        // a link of no use is let go
	trimEvery    = 250 * time.Millisecond // between two evictions
	trimShare    = 8                      // of what is too many goes at each
	pullEvery    = 250 * time.Millisecond // between two repairs of one gap
	pruneEvery   = time.Second            // a Prune is said again to who goes on pushing
	answerEvery  = time.Second            // one answer per range
	rejoinMin    = time.Second            // pause between attempts to come back,
	rejoinMax    = 10 * time.Second       // doubling up to this
	lateFor      = 4                      // times what a record takes,
	lateMost     = 2 * time.Second        // but no longer, a record may be late
	paceShare    = 8                      // weight of the past in what a record takes
	headLate     = 2 * time.Second        // before what only a head knows of is asked for
	quickerAllow = 7                      // times that another may be quicker than the host (the threshold of Plumtree for many senders)
	slowerAllow  = 4                      // records of a parent that came later than those asked for, before another is grafted
	latesAllow   = 3                      // times a parent may be late before another is grafted
	skipsRefuse  = 8                      // offers to begin anew, with few records missing, before one is taken
	skipNear     = 64                     // these few: Behind bytes are as many records at least, so others keep them
	wantAfter    = 100 * time.Millisecond // a newer membership may be on its way
	wantEvery    = 500 * time.Millisecond // between two questions for it
	passEvery    = 200 * time.Millisecond // an input is passed on once in that time: its author repeats after 250 ms
	walkEvery    = time.Second            // a peer that joins is sent on walks once in that time
	hurryFor     = 10 * time.Second       // a new peer looks for others,
	hurryEvery   = time.Second            // this often
)

// A link's credit (PROTOCOL.md §7.2).
const (
	repairPerSecond   = 1 << 20 // bytes
	requestsPerSecond = 50
	walksPerSecond    = 50        // what is passed on for others does not use up the link's own
	inputsPerSecond   = 256 << 10 // bytes
)

// A Source is where a State draws its randomness; *rand.PCG is one. Equal sources
// give equal histories.
type Source interface{ Uint64() uint64 }

// A Config says who a State is and how it gossips. Self, Host and Rand must be set.
type Config struct {
	Self  id.Peer
	Addrs []netip.AddrPort // where others may reach Self, at most MaxAddrs
	Host  id.Peer          // whose log is spread
	Rand  Source

	// Active is the target size of the active view. If zero, 8 is used; 16 at the host.
	Active int
	// MaxPeers is the size of the active view that is never exceeded. If zero, 128.
	MaxPeers int
	// Passive is the largest size of the passive view. If zero, 40.
	Passive int
	// ActiveWalk and PassiveWalk are the hops after which a joiner is asked to be a
	// neighbor, and those left when it enters a passive view. If zero, 6 and 3.
	ActiveWalk, PassiveWalk int
	// ShuffleActive and ShufflePassive are how many peers of each view a shuffle
	// takes along. If zero, 3 and 4.
	ShuffleActive, ShufflePassive int
	// ShuffleEvery is the mean time between two shuffles; each is drawn from half
	// to one and a half of it. If zero, 30 s.
	ShuffleEvery time.Duration
	// IHaveEvery is the least time between two IHave to a neighbor. If zero, 50 ms.
	IHaveEvery time.Duration
	// Late is how long a record that a neighbor has may be missing before it is
	// pulled. If zero, 100 ms.
	Late time.Duration
	// BeatLate is how long the host may be unheard before contacts are added. If
	// zero, 3 s; if negative, there are no beats and it never happens.
	BeatLate time.Duration
	// Leaf is a peer that carries nothing for others: it pushes and serves nothing,
	// lets nobody in, and keeps few links.
	Leaf bool
	// Paper is HyParView as it was published: a joiner is told of nobody at once,
	// and shuffles as seldom as all.
	Paper bool
}

// Sizes used if a Config says nothing.
const (
	defaultActive   = 8
	defaultAtHost   = 16
	defaultMaxPeers = 128
	defaultPassive  = 40
	defaultBeatLate = 3 * time.Second
)

// filled returns c with its zero fields set.
func (c Config) filled() Config {
	if c.Self == c.Host {
		or(&c.Active, defaultAtHost)
	}
	if c.Leaf {
		or(&c.Active, leafDegree)
	}
	or(&c.Active, defaultActive)
	or(&c.MaxPeers, defaultMaxPeers)
	c.MaxPeers = max(c.MaxPeers, c.Active)
	or(&c.Passive, defaultPassive)
	or(&c.ActiveWalk, 6)
	or(&c.PassiveWalk, 3)
	or(&c.ShuffleActive, 3)
	or(&c.ShufflePassive, 4)
	c.ActiveWalk = min(c.ActiveWalk, MaxTTL)
	c.ShufflePassive = min(c.ShufflePassive, MaxEntries)
	c.ShuffleActive = min(c.ShuffleActive, MaxEntries-c.ShufflePassive)
	or(&c.ShuffleEvery, 30*time.Second)
	or(&c.IHaveEvery, 50*time.Millisecond)
	or(&c.Late, 100*time.Millisecond)
	or(&c.BeatLate, defaultBeatLate)
	return c
}

// or sets *v to d if it is zero.
func or[T int | time.Duration](v *T, d T) {
	if *v == 0 {
		*v = d
	}
}

// intN returns a number in [0, n), nearly uniform: the error is below n/2^64.
func (s *State) intN(n int) int {
	hi, _ := bits.Mul64(s.cfg.Rand.Uint64(), uint64(n))
	return int(hi)
}

// pick returns up to n elements of list for which ok holds, drawn without
// repetition. It reorders list.
func pick[T any](s *State, list []T, n int, ok func(T) bool) []T {
	kept := 0
	for i := 0; i < len(list) && kept < n; i++ {
		j := i + s.intN(len(list)-i)
		list[i], list[j] = list[j], list[i]
		if ok(list[i]) {
			list[kept], list[i] = list[i], list[kept]
			kept++
		}
	}
	return list[:kept]
}
