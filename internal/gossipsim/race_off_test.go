//go:build !race

package gossipsim

// paperNodes is how many peers the paper's claims are tested with.
const paperNodes = 1000

// backPeers is how many peers a mass death is tested with.
const backPeers = 400

// livePeers is how many peers the scenarios of a session are tested with.
const livePeers = 50
