package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// cpuSeconds is what the process has used; a tick is 10 ms on every Linux that is in use.
func cpuSeconds(pid int) float64 {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	demand(err)
	// The name is in parentheses and may hold blanks, so fields are counted behind it.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+2:]))
	ticks := 0.0
	for _, field := range fields[11:13] {
		value, err := strconv.ParseFloat(field, 64)
		demand(err)
		ticks += value
	}
	return ticks / 100
}

// memory prints what the process keeps in memory, and what of it is its own.
func memory(pid int) {
	rollup, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	demand(err)
	private := 0
	for _, line := range strings.Split(string(rollup), "\n") {
		fields := strings.Fields(line)
		if len(fields) != 3 {
			continue
		}
		kib, err := strconv.Atoi(fields[1])
		demand(err)
		switch fields[0] {
		case "Rss:":
			fmt.Printf("rss %d\n", kib)
		case "Private_Clean:", "Private_Dirty:":
			private += kib
		}
	}
	fmt.Printf("private %d\n", private)
}
