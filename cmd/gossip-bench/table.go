package main

import (
	"fmt"
	"strings"
)

// tables returns the figures as Markdown.
func (f *figures) tables() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d cores; load %s before, %s after\n", f.Cores, f.LoadBefore, f.LoadAfter)
	table(&b, "Joins, all at once", "N | join p50 / max ms | start of the process to the first record, max ms | depth of the tree | copies sent by the host | MB a process", f.Joins, func(r joinRow) string {
		return fmt.Sprintf("%d | %.0f / %.0f | %.0f | %d | %.1f | %.0f", r.N, r.JoinP50ms, r.JoinMaxms, r.ReadMaxms, r.Depth, r.Copies, r.ResidentMB)
	})
	table(&b, fmt.Sprintf("Latency, %d messages a second", slowRate), "N | size | p50 | p90 | p99 | max ms | "+heads, f.Latency, func(r row) string {
		return fmt.Sprintf("%d | %s | %.2f | %.2f | %.1f | %.1f | %s", r.N, sizeName(r.Size), r.P50ms, r.P90ms, r.P99ms, r.Maxms, r.cells())
	})
	rates := "N | size | offered/s | accepted/s | p50 / p99 / max ms | " + heads
	table(&b, "Throughput", rates, f.Rates, row.line)
	table(&b, "A burst from idle", rates, f.Bursts, row.line)
	table(&b, "A blast", rates, f.Blasts, row.line)
	table(&b, "From a member", "N | way | to the host p50 / p99 / max ms | repeated; lost, twice, out of order | to all p50 / p99 / max ms | "+heads, f.Inputs, inputRow.line)
	table(&b, "Equal messages", "N | gap s | copies delivered | next message, ms", f.Repeats, func(r repeatRow) string {
		return fmt.Sprintf("%d | %.1f | %d of 2 | %.1f", r.N, r.GapS, r.Copies, r.Nextms)
	})
	table(&b, "SIGKILL and another process", "N | key | served | host notices, s | last to notice, s | joined / first record, ms | the newcomer: lost, skipped | the others: p50 / p99 / max ms | "+heads, f.Deaths, deathRow.line)
	table(&b, "SIGSTOP", "N | run | stopped s | served | host notices, s | heard again, ms | the stopped one: delivered, skipped, lost | the others: p50 / p99 / max ms | "+heads, f.Pauses, pauseRow.line)
	return b.String()
}

// table writes a table unless it has no rows.
func table[R any](b *strings.Builder, title, head string, rows []R, line func(R) string) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(b, "\n**%s**\n\n| %s |\n|%s\n", title, head, strings.Repeat("---|", strings.Count(head, "|")+1))
	for _, r := range rows {
		fmt.Fprintf(b, "| %s |\n", line(r))
	}
}

// heads are what cells shows.
const heads = "delivered | skipped | lost | twice | out of order"

func (s spread) cells() string {
	if s.Viewers == 0 {
		return "- | - | - | - | -"
	}
	return fmt.Sprintf("%s | %d | %d | %d | %d", s.delivered(), s.Skipped, s.Lost, s.Again, s.Disorder)
}

// delivered returns the share of what was due, with what it is a share of.
func (s spread) delivered() string {
	return fmt.Sprintf("%.4g %% of %d", 100*float64(s.Got)/float64(max(s.Due, 1)), s.Due)
}

func (s spread) times() string {
	if s.Got == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f / %.1f / %.1f", s.P50ms, s.P99ms, s.Maxms)
}

func (r row) line() string {
	offered := "all at once"
	if r.Offered > 0 {
		offered = fmt.Sprintf("%.0f", r.Offered)
	}
	return fmt.Sprintf("%d | %s | %s | %.0f | %s | %s", r.N, sizeName(r.Size), offered, r.Accepted, r.times(), r.cells())
}

func (r inputRow) line() string {
	way := "own link"
	if r.Relayed {
		way = "over others"
	}
	h := r.AtHost
	return fmt.Sprintf("%d | %s | %s | %d; %d, %d, %d | %s | %s", r.N, way, h.times(), r.Repeats, h.Lost, h.Again, h.Disorder, r.AtAll.times(), r.AtAll.cells())
}

func (r deathRow) line() string {
	key := "new"
	if r.SameKey {
		key = "same"
	}
	return fmt.Sprintf("%d | %s | %d | %.2f | %.2f | %.0f / %.0f | %d, %d | %s | %s", r.N, key, r.Served, r.HostS, r.AllS,
		r.Joinms, r.Readms, r.New.Lost, r.New.Skipped, r.Others.times(), r.Others.cells())
}

func (r pauseRow) line() string {
	return fmt.Sprintf("%d | %s, %.0f/s | %.0f | %d | %.2f | %.0f | %s, %d, %d | %s | %s", r.N, sizeName(r.Size), r.Rate, r.StopS, r.Served, r.HostS, r.Backms,
		r.Stopped.delivered(), r.Stopped.Skipped, r.Stopped.Lost, r.Others.times(), r.Others.cells())
}
