// Package lab runs real programs on terminals of its own, on machines and wires that it
// makes: what the tools that show gossterm's behaviour have in common.
//
//	Machine a --- Wire (the kernel's) --- Machine b      network namespaces
//	      \------ Line (this process's) -----/           late, lossy, slow, cut: see Settings
//
//	Program: gossterm on a PTY; what it prints, logs and its end come as Events
//
// All namespaces and programs of a tool hang on one process, the first of a PID
// namespace (see Isolate): however the tool ends, by SIGKILL too, the kernel takes them
// away. It needs Linux, root (or user namespaces), ip and nft; Possible says what is
// missing. Without namespaces a Program can still be run on the nil Machine, which is
// this one.
package lab
