package main

import (
	"errors"
	"fmt"
	"io"

	"gossterm/internal/node"
	"gossterm/internal/transport"
	"gossterm/session"
)

// goodbye says how it ended and returns the exit status.
func goodbye(w io.Writer, res session.JoinResult) (int, error) {
	sayUnconfirmed(w, res)
	switch res.Way {
	case session.WayLeft:
		fmt.Fprintln(w, "gossterm: left the session")
		return exitOK, nil
	case session.WayOver:
		return 0, joinFailure(res.Err)
	case session.WayStopped:
		return 0, &failure{err: fmt.Errorf("join: %w", res.Err), status: exitLost}
	}
	status := exitOf(res.Status)
	fmt.Fprintf(w, "gossterm: the session ended with status %d\n", status)
	return status, nil
}

// sayUnconfirmed says how much of what was typed last may not have been, and how much
// was not.
func sayUnconfirmed(w io.Writer, res session.JoinResult) {
	if res.Unconfirmed > 0 {
		fmt.Fprintf(w, "gossterm: %s you typed last may not have been typed\n", plural(uint64(res.Unconfirmed), "byte"))
	}
	if res.Unsent > 0 {
		fmt.Fprintf(w, "gossterm: %s you typed never left this machine\n", plural(uint64(res.Unsent), "byte"))
	}
}

// joinFailure gives an error its status and a hint.
func joinFailure(err error) error {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	f := &failure{err: fmt.Errorf("join: %w", err), status: exitLost}
	switch {
	case errors.Is(err, node.ErrFull): // an ErrRefused too
		f.status, f.hint = exitRefused, "the same ticket works once somebody has left"
	case errors.Is(err, node.ErrRefused):
		f.status, f.hint = exitRefused, "ask the host for a new ticket"
	case errors.Is(err, node.ErrRemoved):
		f.status = exitRefused
	case errors.Is(err, transport.ErrVersion):
		f.hint = "host and joiner need the same version of gossterm: see 'gossterm version' on both"
	case errors.Is(err, transport.ErrKey):
		f.hint = "another session listens there now: ask the host for a new ticket"
	case errors.Is(err, node.ErrBroken):
		f.hint = "is it the same version on both? See 'gossterm version'"
	case errors.Is(err, node.ErrGone): // an ErrLost too
		f.hint = "the session is over: ask the host for a new ticket"
	case errors.Is(err, node.ErrLost):
		f.hint = "the same ticket works again once the host can be reached"
	default:
		if _, ok := errors.AsType[*transport.DialError](err); ok {
			f.hint = "is the session still running, and can its machine be reached from here by UDP? It must be on the same network, have a public address, or forward the port"
		}
	}
	return f
}
