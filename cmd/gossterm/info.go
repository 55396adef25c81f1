package main

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// protocolVersion is that of PROTOCOL.md.
const protocolVersion = 3

func newID(std stdio) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "id",
		Short: "Print your identity, making one at the first call",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if file == "" {
				var err error
				if file, err = defaultIdentity(); err != nil {
					return &failure{err: err, hint: "name a file with --identity", status: 1}
				}
			}
			secret, err := loadIdentity(file)
			if errors.Is(err, fs.ErrNotExist) {
				secret, err = makeIdentity(file)
			}
			if err != nil {
				return &failure{err: err, hint: "name another file with --identity", status: 1}
			}
			fmt.Fprintln(std.out, secret.Peer())
			return nil
		},
	}
	cmd.Flags().StringVar(&file, "identity", "", "key `FILE` (default: in the user's configuration folder)")
	return cmd
}

func newVersion(std stdio) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		Run: func(*cobra.Command, []string) {
			version := "(devel)"
			if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
				version = info.Main.Version
			}
			fmt.Fprintf(std.out, "gossterm %s protocol %d %s %s/%s\n", version, protocolVersion, runtime.Version(), runtime.GOOS, runtime.GOARCH)
		},
	}
}
