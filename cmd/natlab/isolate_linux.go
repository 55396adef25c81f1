package main

import "gossterm/internal/lab"

// possible reports what hinders the lab on this machine, or nil: it makes what any lab
// needs and a NAT.
func possible() error {
	if err := lab.Possible(); err != nil {
		return err
	}
	m, err := lab.NewMachine("nat")
	if err != nil {
		return err
	}
	defer m.Close()
	return m.NFT(natRules(symmetric))
}
