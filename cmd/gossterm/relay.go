package main

import (
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"gossterm/internal/id"
	"gossterm/internal/relay"
)

const (
	// defaultRelayListen is where a relay listens, on all interfaces.
	defaultRelayListen = ":4433"
	// maxRelayRate is the greatest --rate, in Mbit/s, and maxRelayClients the greatest
	// --max-clients.
	maxRelayRate    = 100_000
	maxRelayClients = 1 << 20
	// relayNews is how often a relay logs its counters.
	relayNews = time.Minute
)

// relayFlags are what 'gossterm relay' was told.
type relayFlags struct {
	listen, token, keyFile, log string
	tlsCert, tlsKey             string
	maxClients                  int
	rate                        int64 // Mbit/s
}

func newRelay(std stdio, status *int) *cobra.Command {
	var f relayFlags
	cmd := &cobra.Command{
		Use:   "relay [flags]",
		Short: "Forward sessions between machines that cannot reach each other",
		Long: `Forward the packets of sessions between machines that cannot reach each other.
Run it where both can reach it by UDP or TCP, and give what it prints to 'host'.

It sees keys, sizes and times, but nothing of what is shown or typed.`,
		Example: "  gossterm relay\n  gossterm relay --listen :443 --tls-cert fullchain.pem --tls-key privkey.pem",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			*status, err = runRelay(cmd.Context(), std, f)
			return err
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.listen, "listen", defaultRelayListen, "`ADDR` to listen on, UDP and TCP")
	fl.StringVar(&f.tlsCert, "tls-cert", "", "certificate `FILE` of a domain (PEM), for clients that come by its name")
	fl.StringVar(&f.tlsKey, "tls-key", "", "`FILE` with the key of --tls-cert (PEM)")
	fl.StringVar(&f.token, "token", "", "serve only who knows this `WORD`; it becomes part of the value and of tickets")
	fl.StringVar(&f.keyFile, "key-file", "", "`FILE` with the relay's key, made if missing: the same key gives the same value (default: in the configuration directory)")
	fl.IntVar(&f.maxClients, "max-clients", relay.DefaultMaxClients, "how many clients to serve at a time")
	fl.Int64Var(&f.rate, "rate", relay.DefaultRate/1_000_000, "`MBITS` a second that each client may send")
	fl.StringVar(&f.log, "log", "", "write what happens to `FILE`")
	return cmd
}

// runRelay runs 'gossterm relay' and returns the exit status.
func runRelay(ctx context.Context, std stdio, f relayFlags) (int, error) {
	cfg, err := f.config(std)
	if err != nil {
		return 0, err
	}
	log, closeLog, err := openLog(f.log)
	if err != nil {
		return 0, &failure{err: err, hint: "choose another file for --log", status: exitHost}
	}
	defer closeLog()
	cfg.Log = log
	ctx, ended := untilSignal(ctx) // before anybody can know that there is something to end
	err = serveRelay(ctx, std, cfg)
	switch sig := ended(); {
	case err != nil:
		return 0, relayFailure(err)
	case sig == nil, sig == syscall.SIGINT, sig == syscall.SIGTERM:
		return exitOK, nil
	default:
		return statusOf(sig), nil
	}
}

// serveRelay listens, says where, and serves until ctx ends.
func serveRelay(ctx context.Context, std stdio, cfg relay.ServerConfig) error {
	s, err := relay.Listen(cfg)
	if err != nil {
		return err
	}
	values := s.Values()
	if len(values) == 0 {
		s.Close()
		return errors.New("this machine has no address to be reached at")
	}
	for _, v := range values {
		fmt.Fprintf(std.out, "gossterm host --relay %s\n", quoted(v.String()))
	}
	fmt.Fprintf(std.err, "gossterm: relay: on UDP and TCP port %d; stop with ^C\n", s.Addr().Port())
	news := make(chan struct{})
	quit := make(chan struct{})
	go guard(func() {
		defer close(news)
		logRelay(quit, cfg.Log, s)
	})
	err = s.Serve(ctx)
	close(quit)
	<-news
	st := s.Stats()
	fmt.Fprintf(std.err, "gossterm: relay: stopped: %d clients came, %d connections were refused, %d packets forwarded (%d bytes), %d dropped\n",
		st.Registered, st.Refused, st.Packets, st.Bytes, st.Dropped+st.Limited)
	return err
}

// quoted returns a value as it is pasted into a shell: some take brackets for a pattern.
func quoted(value string) string {
	if strings.Contains(value, "[") {
		return "'" + value + "'"
	}
	return value
}

// logRelay logs a relay's counters each minute, and at the end.
func logRelay(quit <-chan struct{}, log *slog.Logger, s *relay.Server) {
	tick := time.NewTicker(relayNews)
	defer tick.Stop()
	for over := false; !over; {
		select {
		case <-tick.C:
		case <-quit:
			over = true
		}
		st := s.Stats()
		log.Info("relay", "clients", st.Clients, "sessions", st.Sessions, "unregistered", st.Unregistered, "registered", st.Registered,
			"refused", st.Refused, "packets", st.Packets, "bytes", st.Bytes, "limited", st.Limited, "absent", st.Absent,
			"dropped", st.Dropped, "reflected", st.Reflected)
	}
}

// config checks the flags and reads the files.
func (f relayFlags) config(std stdio) (cfg relay.ServerConfig, err error) {
	if cfg.Listen, err = listenAddr(f.listen); err != nil {
		return cfg, usage(fmt.Errorf("--listen %s: %w", f.listen, err), "as in --listen 192.0.2.7:4433 or --listen :4433")
	}
	switch {
	case f.token != "" && !id.ValidRelayToken(f.token):
		return cfg, usage(errors.New("--token: wrong characters, or too many"),
			fmt.Sprintf("1 to %d of A to Z, a to z, 0 to 9, '-', '_' and '.'", id.MaxRelayToken))
	case f.maxClients < 1 || f.maxClients > maxRelayClients:
		return cfg, usage(fmt.Errorf("--max-clients %d", f.maxClients), fmt.Sprintf("from 1 to %d", maxRelayClients))
	case f.rate < 1 || f.rate > maxRelayRate:
		return cfg, usage(fmt.Errorf("--rate %d", f.rate), fmt.Sprintf("from 1 to %d Mbit/s", maxRelayRate))
	case (f.tlsCert == "") != (f.tlsKey == ""):
		return cfg, usage(errors.New("relay: --tls-cert and --tls-key belong together"), "give both, or none")
	}
	cfg.Token, cfg.MaxClients, cfg.Rate = f.token, f.maxClients, f.rate*1_000_000
	if f.tlsCert != "" {
		if cfg.Cert, err = tls.LoadX509KeyPair(f.tlsCert, f.tlsKey); err != nil {
			return cfg, &failure{err: fmt.Errorf("relay: read the certificate: %w", err),
				hint: "both files are PEM, the key belongs to the first certificate, and both may be read", status: exitHost}
		}
	}
	if cfg.Secret, err = relayKey(std, f.keyFile); err != nil {
		return cfg, &failure{err: fmt.Errorf("relay: key file: %w", err), hint: "choose another file with --key-file", status: exitHost}
	}
	return cfg, nil
}

// relayKey returns the key of a file, which is made if missing. Without a name it is the
// default file, or, where that cannot be, a key of this process.
func relayKey(std stdio, file string) (id.Secret, error) {
	if file != "" {
		return relayKeyIn(file)
	}
	dir, err := os.UserConfigDir()
	if err == nil {
		var secret id.Secret
		secret, err = relayKeyIn(filepath.Join(dir, "gossterm", "relay-key"))
		if err == nil {
			return secret, nil
		}
	}
	fmt.Fprintf(std.err, "gossterm: relay: the value is another after each start: %s\n", oneLine(err.Error()))
	return id.NewSecret(rand.Reader)
}

// relayKeyIn reads or makes a key file. It has the form of an identity file; the relay's
// key is derived from what is in it, so that one file may serve as both.
func relayKeyIn(file string) (id.Secret, error) {
	secret, err := loadIdentity(file)
	if errors.Is(err, fs.ErrNotExist) {
		secret, err = makeIdentity(file)
	}
	if err != nil {
		return id.Secret{}, err
	}
	seed := secret.Seed()
	key, err := hkdf.Key(sha256.New, seed[:], nil, "gossterm/1 relay key", 32)
	if err != nil {
		return id.Secret{}, err
	}
	return id.SecretFromSeed([32]byte(key)), nil
}

// relayFailure gives what ended a relay its status and a hint.
func relayFailure(err error) error {
	f := &failure{err: fmt.Errorf("relay: %w", err), status: exitHost}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		f.hint = "is a relay running already? Else choose another port with --listen"
	case errors.Is(err, fs.ErrPermission):
		f.hint = "ports below 1024 are for the administrator: choose another with --listen, as in --listen :4433"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		f.hint = "--listen takes an address of this machine, or a port alone, as in --listen :4433"
	}
	return f
}
