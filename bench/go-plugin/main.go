// A host of HashiCorp's go-plugin that starts this same program as its plugin and prints what that costs, as lines
// "name value": milliseconds for a start and a recovery, microseconds for a call, KiB of memory.
package main

import (
	"bytes"
	"fmt"
	"io/ioutil"
	"log"
	"os"
	"os/exec"
	"sort"
	"strconv"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
)

const rounds = 10

var (
	handshake = plugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: "BENCH", MagicCookieValue: "go-plugin"}
	plugins   = plugin.PluginSet{"echo": echoPlugin{}}
	sizes     = []int{0, 1 << 10, 64 << 10, 1 << 20}
)

func main() {
	if len(os.Args) != 3 || (os.Args[1] != "grpc" && os.Args[1] != "netrpc") {
		fmt.Fprintln(os.Stderr, "usage: go-plugin grpc|netrpc SECONDS")
		os.Exit(2)
	}
	log.SetOutput(ioutil.Discard) // yamux tells there that a plugin died
	transport := plugin.Protocol(os.Args[1])
	if os.Args[2] == "serve" {
		serve(transport)
		return
	}
	seconds, err := strconv.ParseFloat(os.Args[2], 64)
	demand(err)
	starts(transport)
	calls(transport, seconds)
	recoveries(transport)
}

func serve(transport plugin.Protocol) {
	config := &plugin.ServeConfig{HandshakeConfig: handshake, Plugins: plugins, Logger: hclog.NewNullLogger()}
	if transport == plugin.ProtocolGRPC {
		config.GRPCServer = plugin.DefaultGRPCServer
	}
	plugin.Serve(config)
}

// start returns once the plugin can be called.
func start(transport plugin.Protocol) (*plugin.Client, echo) {
	self, err := os.Executable()
	demand(err)
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  handshake,
		Plugins:          plugins,
		Cmd:              exec.Command(self, string(transport), "serve"),
		AllowedProtocols: []plugin.Protocol{transport},
		Logger:           hclog.NewNullLogger(),
	})
	protocol, err := client.Client()
	demand(err)
	raw, err := protocol.Dispense("echo")
	demand(err)
	return client, raw.(echo)
}

func starts(transport plugin.Protocol) {
	var millis []float64
	for i := 0; i < rounds; i++ {
		begin := time.Now()
		client, service := start(transport)
		call(service, nil)
		millis = append(millis, time.Since(begin).Seconds()*1e3)
		client.Kill()
	}
	fmt.Printf("start %g\n", percentile(millis, 0.5))
}

func calls(transport plugin.Protocol, seconds float64) {
	client, service := start(transport)
	defer client.Kill()
	pid := client.ReattachConfig().Pid
	for _, size := range sizes {
		payload := bytes.Repeat([]byte{'x'}, size)
		exchange(service, payload, seconds/2)
		cpu := cpuSeconds(os.Getpid()) + cpuSeconds(pid)
		micros := exchange(service, payload, seconds)
		cpu = cpuSeconds(os.Getpid()) + cpuSeconds(pid) - cpu
		fmt.Printf("p50-%d %g\n", size, percentile(micros, 0.5))
		fmt.Printf("p99-%d %g\n", size, percentile(micros, 0.99))
		fmt.Printf("cpu-%d %g\n", size, cpu*1e6/float64(len(micros)))
		if size == 0 {
			memory(pid)
		}
	}
}

func exchange(service echo, payload []byte, seconds float64) []float64 {
	var micros []float64
	end := time.Now().Add(time.Duration(seconds * float64(time.Second)))
	for last := time.Now(); last.Before(end); {
		call(service, payload)
		now := time.Now()
		micros = append(micros, now.Sub(last).Seconds()*1e6)
		last = now
	}
	return micros
}

// recoveries measures from the call that ends the plugin to the answer of a new one; go-plugin leaves that to its host.
func recoveries(transport plugin.Protocol) {
	var millis []float64
	client, service := start(transport)
	for i := 0; i < rounds; i++ {
		begin := time.Now()
		if service.Crash() == nil {
			fail("the plugin survived its crash")
		}
		dead := client
		client, service = start(transport)
		call(service, nil)
		millis = append(millis, time.Since(begin).Seconds()*1e3)
		dead.Kill()
	}
	client.Kill()
	fmt.Printf("recovery %g\n", percentile(millis, 0.5))
}

func call(service echo, payload []byte) {
	result, err := service.Echo(payload)
	demand(err)
	if len(result) != len(payload) {
		fail(fmt.Sprintf("%d bytes came back of %d", len(result), len(payload)))
	}
}

func percentile(figures []float64, share float64) float64 {
	sort.Float64s(figures)
	at := int(share * float64(len(figures)))
	if at == len(figures) {
		at--
	}
	return figures[at]
}

func demand(err error) {
	if err != nil {
		fail(err.Error())
	}
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, "go-plugin: "+message)
	os.Exit(1)
}
