package gossipsim

import "slices"

// A Graph is the overlay of the living: who has whom in its active view.
type Graph struct{ to [][]int32 }

// Graph returns the overlay as it is. Dead neighbors are left out.
func (s *Sim) Graph() Graph {
	g := Graph{make([][]int32, len(s.peers))}
	for i := range s.peers {
		if !s.lives(i) {
			continue
		}
		g.to[i] = []int32{}
		for _, p := range s.peers[i].core.Active() {
			if j := index(p); s.lives(j) {
				g.to[i] = append(g.to[i], int32(j))
			}
		}
	}
	return g
}

// Symmetric returns the share of neighbor relations that both sides have.
func (g Graph) Symmetric() float64 {
	both, all := 0, 0
	for i, to := range g.to {
		for _, j := range to {
			all++
			if slices.Contains(g.to[j], int32(i)) {
				both++
			}
		}
	}
	if all == 0 {
		return 1
	}
	return float64(both) / float64(all)
}

// Degrees returns the mean, the least and the largest size of an active view.
func (g Graph) Degrees() (mean float64, least, most int) {
	n := 0
	least = len(g.to)
	for _, to := range g.to {
		if to == nil {
			continue
		}
		n++
		mean += float64(len(to))
		least, most = min(least, len(to)), max(most, len(to))
	}
	return mean / float64(n), least, most
}

// distances returns how far each peer is from one, -1 if it cannot be reached.
func (g Graph) distances(from int) []int {
	d := make([]int, len(g.to))
	for i := range d {
		d[i] = -1
	}
	d[from] = 0
	next := []int32{int32(from)}
	for len(next) > 0 {
		i := next[0]
		next = next[1:]
		for _, j := range g.to[i] {
			if d[j] < 0 {
				d[j] = d[i] + 1
				next = append(next, j)
			}
		}
	}
	return d
}

// Components returns the number of parts that have no way to each other.
func (g Graph) Components() int {
	seen := make([]bool, len(g.to))
	n := 0
	for i := range g.to {
		if g.to[i] == nil || seen[i] {
			continue
		}
		n++
		for j, d := range g.distances(i) {
			seen[j] = seen[j] || d >= 0
		}
	}
	return n
}

// pathSources is from how many peers paths are measured; the reference's figures
// are from as many.
const pathSources = 300

// ShortestPath returns the mean number of links on the shortest way between two
// peers, from up to 300 evenly chosen ones to all.
func (g Graph) ShortestPath() float64 {
	var alive []int
	for i := range g.to {
		if g.to[i] != nil {
			alive = append(alive, i)
		}
	}
	sum, n := 0, 0
	for k := range min(pathSources, len(alive)) {
		for _, d := range g.distances(alive[k*len(alive)/min(pathSources, len(alive))]) {
			if d > 0 {
				sum, n = sum+d, n+1
			}
		}
	}
	return float64(sum) / float64(max(n, 1))
}

// Clustering returns the mean share of a peer's neighbors that are neighbors of
// each other.
func (g Graph) Clustering() float64 {
	sum, n := 0.0, 0
	for _, to := range g.to {
		if to == nil {
			continue
		}
		n++
		linked := 0
		for _, a := range to {
			for _, b := range to {
				if a != b && slices.Contains(g.to[a], b) {
					linked++
				}
			}
		}
		if k := len(to); k > 1 {
			sum += float64(linked) / float64(k*(k-1))
		}
	}
	return sum / float64(n)
}
