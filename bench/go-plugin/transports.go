package main

import (
	"context"
	"net/rpc"

	"github.com/golang/protobuf/ptypes/wrappers"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

// What the host calls: an echo, and a way to die.
type echo interface {
	Echo(payload []byte) ([]byte, error)
	Crash() error
}

// As the plugin in C does it: what is at address 0?
func crash() {
	var nowhere *int
	*nowhere = 1
}

// The plugin, for both transports of go-plugin.
type echoPlugin struct{}

func (echoPlugin) Server(*plugin.MuxBroker) (interface{}, error) { return netServer{}, nil }

func (echoPlugin) Client(_ *plugin.MuxBroker, client *rpc.Client) (interface{}, error) {
	return netClient{client}, nil
}

func (echoPlugin) GRPCServer(_ *plugin.GRPCBroker, server *grpc.Server) error {
	server.RegisterService(&service, nil)
	return nil
}

func (echoPlugin) GRPCClient(ctx context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (interface{}, error) {
	return grpcClient{ctx, conn}, nil
}

// net/rpc

type netServer struct{}

func (netServer) Echo(payload []byte, result *[]byte) error {
	*result = payload
	return nil
}

func (netServer) Crash(_ []byte, _ *[]byte) error {
	crash()
	return nil
}

type netClient struct{ client *rpc.Client }

func (c netClient) Echo(payload []byte) ([]byte, error) {
	var result []byte
	err := c.client.Call("Plugin.Echo", payload, &result)
	return result, err
}

func (c netClient) Crash() error {
	var result []byte
	return c.client.Call("Plugin.Crash", []byte{}, &result)
}

// gRPC, with a message that the protobuf library brings along, so that no code has to be generated.

var service = grpc.ServiceDesc{
	ServiceName: "bench.Echo",
	HandlerType: (*interface{})(nil),
	Methods: []grpc.MethodDesc{
		{MethodName: "Echo", Handler: handler(func(in *wrappers.BytesValue) *wrappers.BytesValue {
			return &wrappers.BytesValue{Value: in.Value}
		})},
		{MethodName: "Crash", Handler: handler(func(in *wrappers.BytesValue) *wrappers.BytesValue {
			crash()
			return in
		})},
	},
}

type unaryHandler = func(
	server interface{}, ctx context.Context, decode func(interface{}) error, interceptor grpc.UnaryServerInterceptor,
) (interface{}, error)

func handler(answer func(*wrappers.BytesValue) *wrappers.BytesValue) unaryHandler {
	return func(
		_ interface{}, _ context.Context, decode func(interface{}) error, _ grpc.UnaryServerInterceptor,
	) (interface{}, error) {
		in := new(wrappers.BytesValue)
		if err := decode(in); err != nil {
			return nil, err
		}
		return answer(in), nil
	}
}

type grpcClient struct {
	ctx  context.Context
	conn *grpc.ClientConn
}

func (c grpcClient) Echo(payload []byte) ([]byte, error) {
	out := new(wrappers.BytesValue)
	err := c.conn.Invoke(c.ctx, "/bench.Echo/Echo", &wrappers.BytesValue{Value: payload}, out)
	return out.Value, err
}

func (c grpcClient) Crash() error {
	return c.conn.Invoke(c.ctx, "/bench.Echo/Crash", &wrappers.BytesValue{}, new(wrappers.BytesValue))
}
