package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"syscall"

	"gossterm/internal/relay"
	"gossterm/internal/transport"
)

// inWords says what went wrong on a way to a relay or a peer, and what to do.
func inWords(err error) (text, hint string) {
	if b, ok := errors.AsType[*relay.ByeError](err); ok {
		return b.Error(), byeHint(b.Code)
	}
	if text, hint, ok := certificateWords(err); ok {
		return text, hint
	}
	status, web := errors.AsType[*statusError](err)
	lookup, dns := errors.AsType[*net.DNSError](err)
	timeout, _ := errors.AsType[net.Error](err)
	switch {
	case dns && lookup.IsNotFound:
		return "there is no such name", "is the name right, and does this machine ask a DNS server that knows it?"
	case dns:
		return "its name cannot be looked up: " + lookup.Err, "does DNS work on this machine?"
	case web:
		return status.Error(), "is the port right? A web server has it there"
	case errors.Is(err, relay.ErrKey):
		return "another key answers than the value has", "copy the value again from what 'gossterm relay' prints there"
	case errors.Is(err, errNobody):
		return errNobody.Error(), "is the relay running, and are address and port right? Its firewall must let UDP and TCP in"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused: nothing listens there", "is the relay running, and is the port right?"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, transport.ErrUnreachable):
		return "there is no way there from here", "is this machine connected, and to the right network?"
	case errors.Is(err, syscall.EPERM), errors.Is(err, syscall.EACCES):
		return "this machine does not let it out", "a firewall on this machine is in the way"
	case errors.Is(err, transport.ErrVersion):
		return "it speaks another version", "host and joiner need the same version of gossterm: see 'gossterm version' on both"
	case errors.Is(err, transport.ErrKey):
		return "another session answers there", "ask the host for a new ticket"
	case errors.Is(err, transport.ErrBusy):
		return "it answers, but takes nobody now", "try again in a moment"
	case errors.Is(err, transport.ErrTimeout), errors.Is(err, errNoAnswer), errors.Is(err, context.DeadlineExceeded),
		timeout != nil && timeout.Timeout():
		return "no answer", "it is off, or a firewall on the way drops what is sent"
	}
	return err.Error(), "try again, or from another network"
}

// byeHint says what to do when a relay refuses.
func byeHint(code relay.Code) string {
	switch code {
	case relay.WrongToken:
		return "the token behind the relay's key is missing or wrong: copy the value again from what 'gossterm relay' prints there"
	case relay.Full:
		return "try again later, or have another relay"
	case relay.Violation:
		return "is it the same version of gossterm there? See 'gossterm version'"
	case relay.Stopping:
		return "it is being stopped: start it again"
	}
	return "try again, or have another relay"
}

// certificateWords says what is wrong with a certificate, if that is what err is about.
func certificateWords(err error) (text, hint string, ok bool) {
	const intercepted = "a proxy or a virus scanner reads TLS here: have it let this relay through, or use UDP"
	if k, ok := errors.AsType[*otherKeyError](err); ok {
		if k.issuer == "" {
			return k.Error(), "copy the value again from what 'gossterm relay' prints there", true
		}
		return k.Error(), intercepted, true
	}
	if u, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		by := ""
		if u.Cert != nil {
			by = ": " + u.Cert.Issuer.String()
		}
		return "its certificate is by an authority that this machine does not know" + by, intercepted, true
	}
	if h, ok := errors.AsType[x509.HostnameError](err); ok {
		return h.Error(), "the relay needs a certificate for this name, or give the value with its key", true
	}
	if c, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		return c.Error(), "the relay needs a new certificate; is this machine's clock right?", true
	}
	if v, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return v.Error(), intercepted, true
	}
	return "", "", false
}
