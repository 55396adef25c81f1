package main

import (
	"os"
	"time"

	"github.com/spf13/cobra"
)

const (
	// doctorTime is how long all checks together take at most.
	doctorTime = 6 * time.Second
	// doctorUDPTime is how long a relay has to answer by UDP, in several tries.
	doctorUDPTime = 3 * time.Second

	exitUnwell = 1 // no session from here can work
)

// doctorFlags are what 'gossterm doctor' was told.
type doctorFlags struct {
	relays []string
	json   bool
}

func newDoctor(std stdio, status *int) *cobra.Command {
	var f doctorFlags
	cmd := &cobra.Command{
		Use:   "doctor [flags] [TICKET]",
		Short: "Check what stands between you and others",
		Long: `Check what a session needs: addresses, UDP, relays, NAT, the local network, the
clock and the terminal, and say in words what to do. With a ticket, also whether its
session can be reached from here; nobody is joined.

A - reads the ticket from the first line of standard input, GOSSTERM_TICKET gives
it in the environment. Relays come from --relay, GOSSTERM_RELAY and the ticket.

The status is 0 if a session from here can work, 1 if not.`,
		Example: "  gossterm doctor\n  gossterm doctor --relay 192.0.2.7:4433/... gst1...",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			relays, err := parseRelays(f.relays)
			if err != nil {
				return err
			}
			word, err := doctorWord(std, args)
			if err != nil {
				return err
			}
			e := examination{relays: relays, word: word, patience: doctorTime, udpPatience: doctorUDPTime, std: std}
			*status, err = e.print(cmd.Context(), f.json)
			return err
		},
	}
	fl := cmd.Flags()
	fl.StringArrayVar(&f.relays, "relay", nil, "`RELAY` to ask, as 'gossterm relay' prints it; up to three")
	fl.BoolVar(&f.json, "json", false, "print one JSON object")
	return cmd
}

// doctorWord returns the ticket as it was given, or "" if none was.
func doctorWord(std stdio, args []string) (string, error) {
	switch {
	case len(args) == 0:
		return os.Getenv(ticketVar), nil
	case args[0] != "-":
		return args[0], nil
	}
	return firstLine(std, "doctor")
}
