//go:build !linux

package main

import (
	"errors"
	"os"
)

func monotonic() int64 { return 0 }

var stopSignal, goOnSignal = os.Kill, os.Kill

// supported returns why the benchmark cannot run here: no clock is known that all
// processes share.
func supported() error { return errors.ErrUnsupported }

func loadNow() string { return "unknown" }

func resident(int) float64 { return 0 }
