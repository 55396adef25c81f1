package member

import (
	"crypto/cipher"
	"encoding/binary"
	"errors"

	"gossterm/internal/envelope"
	"gossterm/internal/id"
)

// ErrEpochKey reports an epoch key that was not sealed to this process.
var ErrEpochKey = errors.New("the epoch key does not open")

const (
	epochKeyContext = "gossterm/1 epoch key\x00"
	sealed          = 32 + 16 // the size of a sealed epoch key
)

// epochSeal returns what an epoch key is sealed with: one key for one incarnation
// of a member under one incarnation of the host, and the epoch as nonce. So no
// (key, nonce) seals two epoch keys, even when a host is started anew with its old
// key and counts from 1 again.
func epochSeal(topic id.Topic, host uint64, p id.Peer, incarnation uint64, secret [32]byte) cipher.AEAD {
	info := append([]byte(epochKeyContext), be64(host)...)
	info = append(append(info, p[:]...), be64(incarnation)...)
	return envelope.NewAEAD(secret, topic, info)
}

// epochNonce returns 8 zero bytes ‖ epoch.
func epochNonce(epoch uint32) []byte {
	return binary.BigEndian.AppendUint32(make([]byte, 8, 12), epoch)
}

// sealEpochKey seals the key of an epoch to one member (PROTOCOL.md §4.4).
func sealEpochKey(a cipher.AEAD, epoch uint32, key [32]byte) [sealed]byte {
	return [sealed]byte(a.Seal(nil, epochNonce(epoch), key[:], nil))
}

// openEpochKey opens what sealEpochKey sealed.
func openEpochKey(a cipher.AEAD, epoch uint32, b [sealed]byte) ([32]byte, error) {
	key, err := a.Open(nil, epochNonce(epoch), b[:], nil)
	if err != nil {
		return [32]byte{}, ErrEpochKey
	}
	return [32]byte(key), nil
}
