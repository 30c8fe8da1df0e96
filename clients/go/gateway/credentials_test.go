package gateway

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"

	pb "example.org/personalize-gateway/clients/go/personalizegatewayv1"
)

func token(context.Context) (string, error) { return "secret\n", nil }

// Over TLS, with a certificate of the client's own, the token and the caller's name arrive.
func TestMutualTLS(t *testing.T) {
	directory := t.TempDir()
	authority := newAuthority(t, directory)
	fake := &fake{}
	address := fake.serveTLS(t, authority)
	credentials := TLSFiles(authority.caFile, authority.certFile, authority.keyFile)
	client, err := NewClient(address, credentials.WithToken(token).WithCaller("web"), WithTimeout(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := client.PutEvents(t.Context(), oneEvent()); err != nil {
		t.Fatal(err)
	}
	expectEqual(t, "authorization", fake.metadata[0].Get("authorization"), []string{"Bearer secret"})
	expectEqual(t, "x-caller", fake.metadata[0].Get("x-caller"), []string{"web"})
}

// A server whose certificate nobody trusts gets nothing.
func TestUntrustedServer(t *testing.T) {
	authority := newAuthority(t, t.TempDir())
	fake := &fake{}
	client, err := NewClient(fake.serveTLS(t, authority), TLS(nil), WithoutRetries(), WithTimeout(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	_, err = client.PutEvents(t.Context(), oneEvent())
	expectError(t, err, codes.Unavailable, "")
	if len(fake.requests) != 0 || !strings.Contains(err.Error(), "x509") {
		t.Errorf("%v", err)
	}
}

// A token goes in plain text to this machine alone.
func TestTokenWithoutTLS(t *testing.T) {
	targets := map[string]bool{
		"127.0.0.1:50051":              true,
		"[::1]:50051":                  true,
		"localhost:50051":              true,
		"dns:///localhost:50051":       true,
		"unix:/run/gateway.sock":       true,
		"gateway.internal:50051":       false,
		"dns:///gateway.internal:5005": false,
		"10.0.0.1:50051":               false,
		"localhost.example.org:50051":  false,
		"dns://127.0.0.1/far:50051":    false,
	}
	for target, isTaken := range targets {
		client, err := NewClient(target, Insecure().WithToken(token))
		if (err == nil) != isTaken {
			t.Errorf("%s: %v", target, err)
		}
		if err == nil {
			client.Close()
		}
	}
}

// Files that cannot be used are named at once.
func TestFilesThatCannotBeUsed(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, credentials := range []Credentials{
		TLSFiles(empty, "", ""), TLSFiles(empty+".none", "", ""), TLSFiles("", empty, ""),
	} {
		if _, err := NewClient("localhost:1", credentials); err == nil {
			t.Error("it was taken")
		}
	}
}

// A source that fails makes the call UNAVAILABLE, so that it is tried again.
func TestTokenSourceThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		source := func(context.Context) (string, error) {
			asked++
			return "", errors.New("no answer")
		}
		metadata := callMetadata(Insecure().WithToken(source))
		client := (&fake{}).serve(t, WithDialOptions(grpc.WithPerRPCCredentials(metadata)))
		_, err := client.PutEvents(t.Context(), oneEvent())
		expectError(t, err, codes.Unavailable, "")
		if asked != 5 {
			t.Errorf("it was asked %d times", asked)
		}
	})
}

// An authority has issued one certificate, for localhost's server and for the client.
type authority struct {
	caFile, certFile, keyFile string
	certificate               tls.Certificate
	pool                      *x509.CertPool
}

func newAuthority(t *testing.T, directory string) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "test"},
		NotAfter:              time.Now().Add(time.Hour),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	made := authority{pool: x509.NewCertPool()}
	made.certFile = writePEM(t, directory, "CERTIFICATE", der)
	made.keyFile = writePEM(t, directory, "PRIVATE KEY", keyDER)
	made.caFile = made.certFile
	made.certificate = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	made.pool.AddCert(parsed)
	return made
}

func writePEM(t *testing.T, directory, kind string, der []byte) string {
	t.Helper()
	file := filepath.Join(directory, strings.ReplaceAll(kind, " ", "-")+".pem")
	content := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// serveTLS starts the fake on loopback and returns its address.
func (f *fake) serveTLS(t *testing.T, authority authority) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.Creds(credentials.NewTLS(&tls.Config{
		Certificates: []tls.Certificate{authority.certificate},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    authority.pool,
	})))
	pb.RegisterEventServiceServer(server, f)
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}
