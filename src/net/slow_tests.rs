//! Slow clients over real sockets on loopback: who hinders others is let go, who is only slow is served.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::body::{Body, Frame, Incoming};
use hyper::client::conn::{http1, http2};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{Interval, interval, sleep, timeout};

use super::tests::{LONG, MUCH, SHORT, read_response, read_to_end, start};
use super::*;

/// A body that sends one octet at a time.
struct Drip {
    left: usize,
    tick: Interval,
}

impl Drip {
    fn of(octets: usize) -> Self {
        Self { left: octets, tick: interval(SHORT / 5) }
    }
}

impl Body for Drip {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        ready!(self.tick.poll_tick(context));
        self.left -= 1;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"x")))))
    }
}

async fn post_h1(addr: SocketAddr, path: &str, body: Drip) -> (StatusCode, String) {
    let tcp = TcpStream::connect(addr).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(tcp)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::post(path).header("host", "localhost").body(body).unwrap();
    taken(timeout(LONG, sender.send_request(request)).await.expect("no answer").unwrap()).await
}

async fn post_h2(addr: SocketAddr, path: &str, body: Drip) -> (StatusCode, String) {
    let tcp = TcpStream::connect(addr).await.unwrap();
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(tcp)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::post(format!("http://localhost{path}")).body(body).unwrap();
    taken(timeout(LONG, sender.send_request(request)).await.expect("no answer").unwrap()).await
}

async fn taken(response: Response<Incoming>) -> (StatusCode, String) {
    let (status, _, text) = read_response(response).await;
    (status, text)
}

type Connection = JoinHandle<hyper::Result<()>>;

/// The answer to `GET path` as soon as it begins, over HTTP/2 as `client` speaks it, and the connection that it comes by.
async fn begin_h2(
    addr: SocketAddr,
    client: &http2::Builder<TokioExecutor>,
    path: &str,
) -> (http2::SendRequest<Empty<Bytes>>, Response<Incoming>, Connection) {
    let tcp = TcpStream::connect(addr).await.unwrap();
    let (mut sender, connection) = client.handshake(TokioIo::new(tcp)).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = Request::get(format!("http://localhost{path}")).body(Empty::new()).unwrap();
    let response = sender.send_request(request).await.unwrap();
    (sender, response, connection)
}

/// The octets of a body, taken so slowly that it lasts several deadlines.
async fn take_slowly(mut body: Incoming) -> usize {
    let (mut total, mut pause_at) = (0, 0);
    while let Some(frame) = body.frame().await {
        total += frame.unwrap().into_data().map_or(0, |octets| octets.len());
        if total > pause_at {
            pause_at += 1 << 20;
            sleep(SHORT / 8).await;
        }
    }
    total
}

#[tokio::test]
async fn a_body_that_drips_is_let_go() {
    let server = start(Limits { body_allowance: SHORT * 2, rate: 1 << 20, ..Limits::default() });
    let (status, _) = post_h1(server.addr, "/take", Drip::of(100_000)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let (status, _) = post_h2(server.addr, "/take", Drip::of(100_000)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_body_that_stops_is_let_go() {
    let server = start(Limits { body: SHORT, body_allowance: LONG * 10, ..Limits::default() });
    let mut tcp = TcpStream::connect(server.addr).await.unwrap();
    tcp.write_all(b"POST /take HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nx").await.unwrap();
    let answer = read_to_end(&mut tcp).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

#[tokio::test]
async fn a_slow_but_steady_body_is_taken() {
    let server = start(Limits { body: LONG, body_allowance: SHORT, rate: 5, ..Limits::default() });
    let whole = (StatusCode::OK, "took 20".to_owned());
    assert_eq!(post_h1(server.addr, "/take", Drip::of(20)).await, whole);
    assert_eq!(post_h2(server.addr, "/take", Drip::of(20)).await, whole);
}

#[tokio::test]
async fn a_handler_may_take_longer_than_a_body_and_an_answer_may() {
    let limits =
        Limits { head: SHORT, idle: SHORT, stall: SHORT, body: SHORT, body_allowance: SHORT, ..Limits::default() };
    let server = start(limits);
    let whole = (StatusCode::OK, "took 3".to_owned());
    assert_eq!(post_h1(server.addr, "/ponder", Drip::of(3)).await, whole);
    assert_eq!(post_h2(server.addr, "/ponder", Drip::of(3)).await, whole);
}

#[tokio::test]
async fn pings_do_not_keep_an_idle_connection() {
    let server = start(Limits { idle: SHORT * 2, ..Limits::default() });
    let mut client = http2::Builder::new(TokioExecutor::new());
    client.timer(TokioTimer::new()).keep_alive_interval(SHORT / 5).keep_alive_while_idle(true);
    let (_sender, response, connection) = begin_h2(server.addr, &client, "/").await;
    read_response(response).await;
    // How it ends is the client's to tell: it may have sent one more ping.
    let _ = timeout(LONG, connection).await.expect("the connection stays").unwrap();
}

#[tokio::test]
async fn a_client_whose_window_stays_shut_is_cut() {
    let server = start(Limits { stall: SHORT, rate: 1 << 30, ..Limits::default() });
    let mut client = http2::Builder::new(TokioExecutor::new());
    client.initial_stream_window_size(0);
    let (_sender, _response, connection) = begin_h2(server.addr, &client, "/much").await;
    let _ = timeout(LONG, connection).await.expect("the connection stays").unwrap();
}

#[tokio::test]
async fn a_long_answer_over_http_2_to_a_slow_client_arrives_whole() {
    let server = start(Limits { head: SHORT, idle: SHORT, stall: LONG, ..Limits::default() });
    let client = http2::Builder::new(TokioExecutor::new());
    let (_sender, response, _connection) = begin_h2(server.addr, &client, "/much").await;
    assert_eq!(take_slowly(response.into_body()).await, MUCH);
}

#[tokio::test]
async fn a_stop_lets_a_slow_client_take_the_rest_of_its_answer() {
    let server = start(Limits { idle: SHORT, grace: LONG * 4, ..Limits::default() });
    let client = http2::Builder::new(TokioExecutor::new());
    let (_sender, response, _connection) = begin_h2(server.addr, &client, "/much").await;
    server.stop.now();
    assert_eq!(take_slowly(response.into_body()).await, MUCH);
    timeout(LONG, server.done).await.expect("it never stopped").unwrap().unwrap();
}
