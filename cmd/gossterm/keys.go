package main

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"gossterm/internal/id"
	"gossterm/internal/ticket"
)

// identityHead is the first word of an identity file.
const identityHead = "gossterm-identity-1"

// sessionKeys returns the key and the ticket of a session: drawn anew, or, with an
// identity file, those that belong to it, so that the ticket stays the same.
func sessionKeys(file string) (id.Secret, ticket.Ticket, error) {
	if file == "" {
		secret, err := id.NewSecret(rand.Reader)
		if err != nil {
			return id.Secret{}, ticket.Ticket{}, err
		}
		t, err := ticket.New(rand.Reader, secret.Peer())
		return secret, t, err
	}
	identity, err := loadIdentity(file)
	if err != nil {
		return id.Secret{}, ticket.Ticket{}, err
	}
	seed := identity.Seed()
	key, err := hkdf.Key(sha256.New, seed[:], nil, "gossterm/1 host key", 32)
	if err != nil {
		return id.Secret{}, ticket.Ticket{}, err
	}
	word, err := hkdf.Key(sha256.New, seed[:], nil, "gossterm/1 host ticket", ticket.SecretSize)
	if err != nil {
		return id.Secret{}, ticket.Ticket{}, err
	}
	secret := id.SecretFromSeed([32]byte(key))
	return secret, ticket.Ticket{Host: secret.Peer(), Role: id.Type, Secret: ticket.SecretOf([ticket.SecretSize]byte(word))}, nil
}

// loadIdentity reads an identity file. One that others may read is refused.
func loadIdentity(file string) (id.Secret, error) {
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return id.Secret{}, fmt.Errorf("identity: %w", &advised{err, "make one with 'gossterm id --identity " + file + "'"})
	}
	if err != nil {
		return id.Secret{}, fmt.Errorf("identity: %w", err)
	}
	if hasModes && info.Mode().Perm()&0o077 != 0 {
		return id.Secret{}, fmt.Errorf("identity: %w", &advised{
			fmt.Errorf("%s may be read by others", file), "chmod 600 it, if it is an identity file",
		})
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return id.Secret{}, fmt.Errorf("identity: %w", err)
	}
	head, rest, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	seed, err := hex.DecodeString(rest)
	if head != identityHead || err != nil || len(seed) != 32 {
		return id.Secret{}, fmt.Errorf("identity: %s is not an identity file", file)
	}
	return id.SecretFromSeed([32]byte(seed)), nil
}

// makeIdentity writes a new identity file. It never replaces one.
func makeIdentity(file string) (id.Secret, error) {
	secret, err := id.NewSecret(rand.Reader)
	if err != nil {
		return id.Secret{}, err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return id.Secret{}, fmt.Errorf("identity: %w", err)
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return id.Secret{}, fmt.Errorf("identity: %w", err)
	}
	seed := secret.Seed()
	_, err = fmt.Fprintf(f, "%s %x\n", identityHead, seed)
	return secret, errors.Join(err, f.Close())
}

// defaultIdentity returns where the identity file is if no flag says so.
func defaultIdentity() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("identity: %w", err)
	}
	return filepath.Join(dir, "gossterm", "identity"), nil
}

// identityOrNone returns the identity of the named file, of the default file if
// there is one, or none.
func identityOrNone(file string) (id.Secret, error) {
	if file != "" {
		return loadIdentity(file)
	}
	file, err := defaultIdentity()
	if err != nil {
		return id.Secret{}, nil // no home, no identity
	}
	secret, err := loadIdentity(file)
	if errors.Is(err, fs.ErrNotExist) {
		return id.Secret{}, nil
	}
	return secret, err
}
