// The proxies that have a page: which block of it is whose configuration, what a test puts into it, and how each is
// started and reloaded.
import { resolve } from "node:path";
import type { Proxy } from "./proxy";

export type Kind = {
  name: string;
  page: string;
  file: string;
  certificate: "two files" | "one file";
  fill: (proxy: Proxy) => [printed: string, given: string][];
  times: string[]; // of silence, as the page prints them; all of them are shortened together
  unit: "s" | "ms";
  command: (proxy: Proxy) => string[];
  reload: (proxy: Proxy) => Promise<void>;
  keepsSockets: boolean; // over a reload
  cutsSilence: boolean; // a socket that is silent for longer than `times` is cut
  http2: boolean;
};

const isRoot = process.getuid?.() === 0;
const temporary = ["client_body", "proxy", "fastcgi", "scgi", "uwsgi"]; // folders of nginx
const upstreams = (proxy: Proxy): [string, string][] => [
  ["10.0.0.11:3000", proxy.upstreams[0]],
  ["10.0.0.12:3000", proxy.upstreams[1]],
];
const certificates = (proxy: Proxy): [string, string][] => [
  ["/etc/ssl/signal/fullchain.pem", proxy.path("cert.pem")],
  ["/etc/ssl/signal/key.pem", proxy.path("key.pem")],
];
const signals = (signal: NodeJS.Signals) => async (proxy: Proxy) => {
  proxy.signal(signal);
};

const nginx: Kind = {
  name: "nginx",
  page: "proxies/nginx.md",
  file: "/etc/nginx/nginx.conf",
  certificate: "two files",
  unit: "ms",
  keepsSockets: true,
  cutsSilence: true,
  http2: true,
  fill: (proxy) => [
    ...upstreams(proxy),
    ...certificates(proxy),
    ["listen 443", `listen 127.0.0.1:${proxy.port}`],
    ["/run/nginx.pid", proxy.path("pid")],
    ["/var/log/nginx/error.log", "stderr"],
    ["/var/log/nginx/access.log", "off"],
    ["user www-data;", isRoot ? "user root;" : ""],
    // Where bodies are kept that do not fit into memory; Debian's own folders belong to root.
    ["http {", `http {\n${temporary.map((name) => `    ${name}_temp_path ${proxy.path(name)};\n`).join("")}`],
  ],
  times: ["proxy_read_timeout 75s", "proxy_send_timeout 75s"],
  command: (proxy) => [
    "/usr/sbin/nginx",
    "-c",
    proxy.path("nginx.conf"),
    "-p",
    proxy.path(""),
    "-e",
    "stderr",
    "-g",
    "daemon off;",
  ],
  reload: signals("SIGHUP"),
};

const haproxy: Kind = {
  name: "HAProxy",
  page: "proxies/haproxy.md",
  file: "/etc/haproxy/haproxy.cfg",
  certificate: "one file",
  unit: "ms",
  keepsSockets: true,
  cutsSilence: true,
  http2: true,
  fill: (proxy) => [
    ...upstreams(proxy),
    ["/etc/ssl/signal/haproxy.pem", proxy.path("both.pem")],
    ["bind :443", `bind 127.0.0.1:${proxy.port}`],
    ["log /dev/log local0", "log stderr format raw local0 notice"],
    ["user haproxy", isRoot ? "user root" : ""],
    ["group haproxy", isRoot ? "group root" : ""],
  ],
  times: ["timeout client 75s", "timeout server 75s", "timeout tunnel 75s"],
  command: (proxy) => ["/usr/sbin/haproxy", "-W", "-f", proxy.path("haproxy.cfg")],
  reload: signals("SIGUSR2"),
};

const haproxyTcp: Kind = {
  ...haproxy,
  name: "HAProxy with PROXY v2",
  file: "/etc/haproxy/haproxy-tcp.cfg",
  http2: false,
  times: ["timeout client 75s", "timeout server 75s"],
  command: (proxy) => ["/usr/sbin/haproxy", "-W", "-f", proxy.path("haproxy-tcp.cfg")],
};

const caddy: Kind = {
  name: "Caddy",
  page: "proxies/caddy.md",
  file: "/etc/caddy/Caddyfile",
  certificate: "two files",
  unit: "ms",
  keepsSockets: false,
  cutsSilence: false,
  http2: true,
  fill: (proxy) => [
    ...upstreams(proxy),
    ...certificates(proxy),
    ["signal.example {", `127.0.0.1:${proxy.port} {\n\tbind 127.0.0.1`],
    ["localhost:2019", `localhost:${proxy.adminPort}`],
  ],
  times: [],
  command: (proxy) => ["/usr/bin/caddy", "run", "--config", proxy.path("Caddyfile")],
  reload: (proxy) =>
    proxy.run([
      "/usr/bin/caddy",
      "reload",
      "--force",
      "--address",
      `localhost:${proxy.adminPort}`,
      "--config",
      proxy.path("Caddyfile"),
    ]),
};

const envoy: Kind = {
  name: "Envoy",
  page: "proxies/envoy.md",
  file: "/etc/envoy/envoy.yaml",
  certificate: "two files",
  unit: "s",
  keepsSockets: true,
  cutsSilence: true,
  http2: true,
  fill: (proxy) => [
    ...proxy.upstreams.map((address, n): [string, string] => [
      `address: 10.0.0.1${n + 1}, port_value: 3000`,
      `address: 127.0.0.1, port_value: ${address.split(":")[1]}`,
    ]),
    ...certificates(proxy),
    ["address: 0.0.0.0, port_value: 443", `address: 127.0.0.1, port_value: ${proxy.port}`],
    ["port_value: 9901", `port_value: ${proxy.adminPort}`],
  ],
  times: ["stream_idle_timeout: 75s"],
  command: (proxy) => [
    resolve(import.meta.dir, "../../../build/envoy/bin/envoy"),
    "--config-path",
    proxy.path("envoy.yaml"),
    "--log-level",
    "warning",
    "--concurrency",
    "2",
    "--restart-epoch",
    String(proxy.starts),
    ...(proxy.starts === 0
      ? ["--use-dynamic-base-id", "--base-id-path", proxy.path("base-id")]
      : ["--base-id", proxy.text("base-id").trim()]),
  ],
  reload: (proxy) => proxy.start(), // the next process takes the listener over; the one before keeps its sockets
};

export const kinds = [nginx, haproxy, haproxyTcp, caddy, envoy];
