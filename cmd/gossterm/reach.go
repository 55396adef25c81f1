package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"gossterm/internal/id"
	"gossterm/internal/ticket"
	"gossterm/internal/transport"
)

// relayVar is --relay in the environment.
const relayVar = envPrefix + "RELAY"

// A reach is what the flags say about the ways to other people.
type reach struct {
	relays                []string
	relayOnly, directOnly bool
	noServe               bool
}

// flags adds the flags of 'host', or of 'join', which has the relays from its ticket.
func (r *reach) flags(fl *pflag.FlagSet, host bool) {
	if host {
		fl.StringArrayVar(&r.relays, "relay", nil, "`RELAY` for those who cannot be reached straight, as 'gossterm relay' prints it; up to three")
	}
	if !host {
		fl.BoolVar(&r.noServe, "no-serve", false, "carry nothing for others, as on a metered network")
	}
	fl.BoolVar(&r.relayOnly, "relay-only", false, "hide your addresses: everything goes over the relays")
	fl.BoolVar(&r.directOnly, "direct-only", false, "use no relay")
}

// hosted returns the relays that a host was told, by flag or else in the environment,
// where they are separated by blanks.
func (r *reach) hosted() ([]id.Relay, error) {
	byFlag := os.Getenv(relayVar) == ""
	os.Unsetenv(relayVar) // it may hold a token, and the shell inherits it
	if err := r.sane(); err != nil {
		return nil, err
	}
	if r.directOnly {
		if byFlag && len(r.relays) > 0 {
			return nil, usage(errors.New("--relay and --direct-only exclude each other"), "leave one of them out")
		}
		return nil, nil
	}
	out, err := parseRelays(r.relays)
	if err != nil {
		return nil, err
	}
	if r.relayOnly && len(out) == 0 {
		return nil, usage(errors.New("--relay-only without a relay"), "give --relay, or GOSSTERM_RELAY in the environment")
	}
	return out, nil
}

// parseRelays reads the relays that were named, each once; in the environment they are
// separated by blanks.
func parseRelays(named []string) ([]id.Relay, error) {
	words := strings.Fields(strings.Join(named, " "))
	if len(words) > ticket.MaxRelays {
		return nil, usage(fmt.Errorf("%d relays", len(words)), fmt.Sprintf("a ticket holds %d", ticket.MaxRelays))
	}
	var out []id.Relay
	for _, w := range words {
		r, err := id.ParseRelay(w)
		if err != nil {
			return nil, usage(fmt.Errorf("--relay: %w", err), "paste what 'gossterm relay' has printed behind --relay")
		}
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out, nil
}

// joined returns the relays of a ticket that are to be used.
func (r *reach) joined(relays []id.Relay) ([]id.Relay, error) {
	if err := r.sane(); err != nil {
		return nil, err
	}
	if r.directOnly {
		return nil, nil
	}
	if r.relayOnly && len(relays) == 0 {
		return nil, usage(errors.New("--relay-only: the ticket names no relay"), "ask the host to start with --relay")
	}
	return relays, nil
}

func (r *reach) sane() error {
	if r.relayOnly && r.directOnly {
		return usage(errors.New("--relay-only and --direct-only exclude each other"), "leave one of them out")
	}
	return nil
}

// use sets up a transport for a topic.
func (r *reach) use(cfg *transport.Config, host id.Peer, relays []id.Relay) {
	cfg.Relays, cfg.Topic, cfg.RelayOnly = relays, id.TopicOf(host), r.relayOnly
}
