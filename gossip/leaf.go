package gossip

// leafDegree is how many neighbors a leaf wants: whom it has the log from, and one
// to fall back on.
const leafDegree = 2

// isFavor reports whether a message asks its receiver to do something for others, or
// to send some of its log: a leaf does neither (PROTOCOL.md §7.5).
func isFavor(m Msg) bool {
	switch m.(type) {
	case Join, ForwardJoin, Shuffle, Graft, Pull, Want, Request, Input:
		return true
	}
	return false
}
