//go:build !(linux || darwin || freebsd)

package pty

import "syscall"

// A Shell is a program running on a pseudo-terminal; here there is none.
type Shell struct{}

// Start fails with ErrUnsupported.
func Start(Config) (*Shell, error) { return nil, ErrUnsupported }

// Write fails with ErrUnsupported.
func (*Shell) Write([]byte) (int, error) { return 0, ErrUnsupported }

// Resize fails with ErrUnsupported.
func (*Shell) Resize(cols, rows int) error { return ErrUnsupported }

// Modes fails with ErrUnsupported.
func (*Shell) Modes() (Modes, error) { return Modes{}, ErrUnsupported }

// Interrupt fails with ErrUnsupported.
func (*Shell) Interrupt(syscall.Signal) error { return ErrUnsupported }

// Done gives a channel on which nothing comes.
func (*Shell) Done() <-chan Status { return nil }

// Close does nothing.
func (*Shell) Close() error { return nil }
