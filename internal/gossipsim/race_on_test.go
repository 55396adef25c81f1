//go:build race

package gossipsim

// paperNodes is how many peers the paper's claims are tested with: the race
// detector makes the simulator ten times slower, and there is no race to find.
const paperNodes = 150

// backPeers is how many peers a mass death is tested with.
const backPeers = 100

// livePeers is how many peers the scenarios of a session are tested with.
const livePeers = 24
