//go:build race

package gossipsim

// paperNodes is how many peers the paper's claims are tested with: the race
// detector makes the simulator ten times slower, and there is no race to find.
const paperNodes = 150
