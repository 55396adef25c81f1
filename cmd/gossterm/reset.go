package main

import (
	"errors"

	"github.com/spf13/cobra"

	"gossterm/internal/tty"
)

func newReset(std stdio) *cobra.Command {
	return &cobra.Command{
		Use:   "reset",
		Short: "Bring back a terminal that a killed gossterm left",
		Long: "Resets the terminal that it runs on: the main screen, no mouse or focus reports, no colours,\n" +
			"the cursor shown, and its settings as 'stty sane' has them. For after a kill -9; if Enter\n" +
			"does not work, type ^J before and after it.",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			err := tty.Repair(std.in, std.out)
			switch {
			case errors.Is(err, tty.ErrNotTerminal):
				return usage(errors.New("reset: standard output is no terminal"), "run it in the terminal to be reset, without redirecting its output")
			case err != nil:
				return &failure{err: err, hint: "close this terminal and open another", status: 1}
			}
			return nil
		},
	}
}
