package relay

import (
	"sync"

	"gossterm/internal/id"
)

// A hub knows the registered clients by tag and key.
type hub struct {
	maxPerTag int

	mu   sync.RWMutex
	tags map[tag]map[id.Peer]*member
}

func newHub(maxPerTag int) *hub {
	return &hub{maxPerTag: maxPerTag, tags: make(map[tag]map[id.Peer]*member)}
}

// add puts a client in the place of its key, and returns who had that, or nil. It
// reports false if the tag has too many.
func (h *hub) add(m *member) (before *member, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	peers := h.tags[m.tag]
	before = peers[m.peer]
	if before == nil && len(peers) >= h.maxPerTag {
		return nil, false
	}
	if peers == nil {
		peers = make(map[id.Peer]*member)
		h.tags[m.tag] = peers
	}
	peers[m.peer] = m
	return before, true
}

// remove takes a client out, if no other has its key's place by now.
func (h *hub) remove(m *member) {
	h.mu.Lock()
	defer h.mu.Unlock()
	peers := h.tags[m.tag]
	if peers[m.peer] != m {
		return
	}
	delete(peers, m.peer)
	if len(peers) == 0 {
		delete(h.tags, m.tag)
	}
}

// find returns who has a key under a tag, or nil.
func (h *hub) find(t tag, p id.Peer) *member {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.tags[t][p]
}

// all returns all clients.
func (h *hub) all() []*member {
	h.mu.RLock()
	defer h.mu.RUnlock()
	var out []*member
	for _, peers := range h.tags {
		for _, m := range peers {
			out = append(out, m)
		}
	}
	return out
}

// count returns how many tags there are.
func (h *hub) count() int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.tags)
}
