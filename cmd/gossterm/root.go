package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Exit statuses beside those of the shared command.
const (
	exitOK      = 0
	exitUsage   = 2
	exitHost    = 125 // gossterm failed, not the command
	exitRefused = 254 // the host did not let us in, or removed us
	exitLost    = 255 // the host could not be reached, or was lost
	exitSignal  = 128 // plus the signal's number
)

// stdio is what a command reads from and prints to.
type stdio struct {
	in       *os.File
	out, err *os.File
}

// run runs one command and returns the exit status.
func run(args []string, in, out, errw *os.File) int {
	std := stdio{in, out, errw}
	root, status := newRoot(std)
	root.SetArgs(args)
	if err := root.Execute(); err != nil {
		return report(errw, err)
	}
	return *status
}

// newRoot returns the command and where its exit status is put.
func newRoot(std stdio) (*cobra.Command, *int) {
	status := new(int)
	root := &cobra.Command{
		Use:           "gossterm",
		Short:         "Share a terminal, peer to peer",
		Long:          "gossterm lets several people work in one terminal, peer to peer: no server, no account.",
		Example:       "  gossterm host                 share a shell and print a ticket\n  gossterm join gst1...         work in it from elsewhere",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
	}
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage(err, fmt.Sprintf("see '%s --help'", cmd.CommandPath()))
	})
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return fromEnvironment(cmd) }
	root.AddCommand(newHost(std, status), newJoin(std, status), newRelay(std, status), newDoctor(std, status), newReplay(std), newReset(std), newID(std), newVersion(std))
	for _, cmd := range root.Commands() {
		asUsage(cmd)
	}
	return root, status
}

// asUsage makes a wrong number of arguments a usage error.
func asUsage(cmd *cobra.Command) {
	args := cmd.Args
	if args == nil {
		return
	}
	cmd.Args = func(cmd *cobra.Command, given []string) error {
		if err := args(cmd, given); err != nil {
			return usage(err, fmt.Sprintf("see '%s --help'", cmd.CommandPath()))
		}
		return nil
	}
}

// fromEnvironment sets each flag that was not given from GOSSTERM_<FLAG>; empty, it
// is unset.
func fromEnvironment(cmd *cobra.Command) error {
	var err error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		name := envName(f.Name)
		value := os.Getenv(name)
		if value == "" || f.Changed || f.Name == "help" {
			return
		}
		if e := cmd.Flags().Set(f.Name, value); e != nil && err == nil {
			err = usage(fmt.Errorf("%s=%q: %w", name, value, e), "the variable takes what the flag --"+f.Name+" takes")
		}
	})
	return err
}

func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

const envPrefix = "GOSSTERM_"

// A failure is an error that ends the command with a status, and a hint where
// one helps.
type failure struct {
	err    error
	hint   string
	status int
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// An advised error says, where it arises, what to do about it: that goes before the
// hint of a failure that it becomes.
type advised struct {
	error
	hint string
}

func (a *advised) Unwrap() error { return a.error }

// adviceIn returns the hint of the advised error that err is about, or "".
func adviceIn(err error) string {
	if a, ok := errors.AsType[*advised](err); ok {
		return a.hint
	}
	return ""
}

// usage returns the failure of a command that was not called right.
func usage(err error, hint string) error { return &failure{err, hint, exitUsage} }

// report prints an error as people read it and returns the exit status.
func report(w io.Writer, err error) int {
	f := &failure{err: err, status: exitUsage, hint: "see 'gossterm --help'"}
	if known, ok := errors.AsType[*failure](err); ok {
		f = known
	}
	fmt.Fprintf(w, "gossterm: error: %s\n", oneLine(f.err.Error()))
	if hint := cmp.Or(adviceIn(err), f.hint); hint != "" {
		fmt.Fprintf(w, "gossterm: hint: %s\n", oneLine(hint))
	}
	return f.status
}

// oneLine returns text of an error so that it cannot draw on the terminal: it may
// hold what a peer said.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return ' '
		case r < ' ', r >= 0x7f && r < 0xa0, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, s)
}
