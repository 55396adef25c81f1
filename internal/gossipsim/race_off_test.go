//go:build !race

package gossipsim

// paperNodes is how many peers the paper's claims are tested with.
const paperNodes = 1000
