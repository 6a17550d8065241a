/* Attacks over sockets. */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "attack.h"

static struct sockaddr_in loopback(const char *port) {
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)atoi(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void tcp(char **arguments) {
    struct sockaddr_in address = loopback(arguments[0]);
    int end = socket(AF_INET, SOCK_STREAM, 0);
    attempt("connect", end < 0 ? end : connect(end, (struct sockaddr *)&address, sizeof address));
}

static void tcp6(char **arguments) {
    struct sockaddr_in6 address;
    int end = socket(AF_INET6, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sin6_family = AF_INET6;
    address.sin6_port = htons((uint16_t)atoi(arguments[0]));
    address.sin6_addr.s6_addr[10] = 0xff;
    address.sin6_addr.s6_addr[11] = 0xff;
    address.sin6_addr.s6_addr[12] = 127;
    address.sin6_addr.s6_addr[15] = 1;
    attempt("connect", end < 0 ? end : connect(end, (struct sockaddr *)&address, sizeof address));
}

/* Data in the first packet needs no connect. */
static void fast_open(char **arguments) {
    struct sockaddr_in address = loopback(arguments[0]);
    int end = socket(AF_INET, SOCK_STREAM, 0);
    attempt("sendto",
            end < 0 ? end : sendto(end, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, (struct sockaddr *)&address, sizeof address));
}

static void udp(char **arguments) {
    struct sockaddr_in address = loopback(arguments[0]);
    int end = socket(AF_INET, SOCK_DGRAM, 0);
    attempt("sendto", end < 0 ? end : sendto(end, "x", 1, 0, (struct sockaddr *)&address, sizeof address));
}

static void listen_tcp(char **arguments) {
    struct sockaddr_in address = loopback("0");
    int end = socket(AF_INET, SOCK_STREAM, 0);
    (void)arguments;
    attempt("bind", end < 0 ? end : bind(end, (struct sockaddr *)&address, sizeof address));
}

static void unix_path(char **arguments) {
    struct sockaddr_un address;
    int end = socket(AF_UNIX, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    snprintf(address.sun_path, sizeof address.sun_path, "%s", arguments[0]);
    attempt("connect", end < 0 ? end : connect(end, (struct sockaddr *)&address, sizeof address));
}

static void unix_abstract(char **arguments) {
    struct sockaddr_un address;
    int end = socket(AF_UNIX, SOCK_STREAM, 0);
    (void)arguments;
    address.sun_family = AF_UNIX;
    attempt("bind", end < 0 ? end : bind(end, (struct sockaddr *)&address, sizeof address.sun_family));
}

static void families(char **arguments) {
    int pair[2];
    (void)arguments;
    attempt("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    attempt("netlink", socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
}

static void raw(char **arguments) {
    (void)arguments;
    attempt("raw", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
}

const struct attack network_attacks[] = {{"tcp", tcp},
                                         {"tcp6", tcp6},
                                         {"fast_open", fast_open},
                                         {"udp", udp},
                                         {"listen", listen_tcp},
                                         {"unix_path", unix_path},
                                         {"unix_abstract", unix_abstract},
                                         {"families", families},
                                         {"raw", raw},
                                         {NULL, NULL}};
