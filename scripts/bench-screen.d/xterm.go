package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// measureXterm returns the MB/s of @xterm/headless on each input.
func measureXterm(reference string, ins []input) ([]float64, error) {
	if _, err := os.Stat(filepath.Join(reference, "node_modules")); err != nil {
		return nil, fmt.Errorf("run npm ci in %s: %w", filepath.Base(reference), err)
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	args := []string{"bench.js", fmt.Sprint(cols), fmt.Sprint(rows), fmt.Sprint(chunk), fmt.Sprint(rounds), fmt.Sprint(pastLines), fmt.Sprint(roundTime.Milliseconds())}
	for _, in := range ins {
		path := filepath.Join(dir, in.name)
		if err := os.WriteFile(path, in.data, 0o600); err != nil {
			return nil, err
		}
		args = append(args, path)
	}
	var out, complaint bytes.Buffer
	cmd := exec.Command("node", args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = reference, &out, &complaint
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("node: %w: %s", err, &complaint)
	}
	var speeds []float64
	if err := json.Unmarshal(out.Bytes(), &speeds); err != nil || len(speeds) != len(ins) {
		return nil, fmt.Errorf("node answered %q: %v", &out, err)
	}
	return speeds, nil
}
