//! Where webhooks may be sent. Whoever writes a URL here makes this server call it: addresses that only this server reaches, its
//! own and those of the network it stands in, are none of theirs.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};
use url::{Host, Url};

/// How far they go.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// To addresses of the internet, over TLS.
    #[default]
    Public,
    /// To this machine too, also without TLS: a sandbox that nobody else reaches.
    Loopback,
}

/// A URL that may be sent to, as far as can be told without resolving its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub url: Url,
    reach: Reach,
}

impl Target {
    /// Reads it as the client does that will call it, so that `127.1` and `0x7f000001` are what they are. Else what is wrong.
    pub fn parse(text: &str, reach: Reach) -> Result<Self, &'static str> {
        let url = Url::parse(text).map_err(|_| "webhook_url_invalid")?;
        match (url.scheme(), reach) {
            ("https", _) | ("http", Reach::Loopback) => {}
            _ => return Err("webhook_url_not_https"),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("webhook_url_with_user");
        }
        if url.fragment().is_some() || url.port() == Some(0) {
            return Err("webhook_url_invalid");
        }
        let target = Self { url, reach };
        let admitted = match target.url.host() {
            Some(Host::Ipv4(address)) => target.admits(address.into()),
            Some(Host::Ipv6(address)) => target.admits(address.into()),
            Some(Host::Domain(name)) => reach == Reach::Loopback || !is_localhost(name),
            None => return Err("webhook_url_invalid"),
        };
        if admitted { Ok(target) } else { Err("webhook_target_refused") }
    }

    /// The name to be resolved; none where the URL has an address.
    pub fn name(&self) -> Option<&str> {
        match self.url.host() {
            Some(Host::Domain(name)) => Some(name),
            _ => None,
        }
    }

    pub fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether it may be connected to at this address.
    pub fn admits(&self, address: IpAddr) -> bool {
        admits(self.reach, self.is_encrypted(), address)
    }
}

/// Without TLS nothing leaves this machine.
pub fn admits(reach: Reach, encrypted: bool, address: IpAddr) -> bool {
    let local = reach == Reach::Loopback && address.is_loopback();
    local || encrypted && is_global_unicast(address)
}

/// RFC 6761: this machine, whatever a resolver says.
fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(a: u16, b: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), prefix)
}

/// What is no public host's: the IANA IPv4 Special-Purpose Address Registry (RFC 6890, as of 2026), multicast (RFC 5771).
const SPECIAL_V4: [Ipv4Net; 17] = [
    v4(0, 0, 0, 0, 8),          // this network
    v4(10, 0, 0, 0, 8),         // private use
    v4(100, 64, 0, 0, 10),      // shared address space of carriers; metadata of some clouds
    v4(127, 0, 0, 0, 8),        // loopback
    v4(168, 63, 129, 16, 32),   // a cloud's own (Azure), inside its machines alone
    v4(169, 254, 0, 0, 16),     // link-local; metadata of most clouds
    v4(172, 16, 0, 0, 12),      // private use
    v4(192, 0, 0, 0, 24),       // protocol assignments
    v4(192, 0, 2, 0, 24),       // documentation
    v4(192, 88, 99, 0, 24),     // 6to4 relays, deprecated
    v4(192, 168, 0, 0, 16),     // private use
    v4(198, 18, 0, 0, 15),      // benchmarks
    v4(198, 51, 100, 0, 24),    // documentation
    v4(203, 0, 113, 0, 24),     // documentation
    v4(224, 0, 0, 0, 4),        // multicast
    v4(240, 0, 0, 0, 4),        // reserved
    v4(255, 255, 255, 255, 32), // broadcast
];

/// All that is global unicast so far (RFC 4291, IANA IPv6 Global Unicast Address Assignments). Outside lie, among others, loopback,
/// unspecified, v4-mapped, NAT64 (64:ff9b::/96 and its local kin), discard, unique-local, link-local and multicast.
const GLOBAL_V6: Ipv6Net = v6(0x2000, 0, 3);

/// What inside it is no public host's: the IANA IPv6 Special-Purpose Address Registry (as of 2026).
const SPECIAL_V6: [Ipv6Net; 4] = [
    v6(0x2001, 0, 23),     // protocol assignments: Teredo, benchmarks, ORCHID
    v6(0x2001, 0xdb8, 32), // documentation
    v6(0x2002, 0, 16),     // 6to4: an IPv4 address inside
    v6(0x3fff, 0, 20),     // documentation
];

/// Whether it is an address of one host on the internet. Those that embed another address are not, whatever that one is.
pub fn is_global_unicast(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !SPECIAL_V4.iter().any(|net| net.contains(&address)),
        IpAddr::V6(address) => GLOBAL_V6.contains(&address) && !SPECIAL_V6.iter().any(|net| net.contains(&address)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(url: &str) -> Option<&'static str> {
        Target::parse(url, Reach::Public).err()
    }

    #[test]
    fn odd_ways_to_write_an_address_are_seen_through() {
        for host in [
            "127.0.0.1",
            "127.1",
            "0x7f000001",
            "0x7f.1",
            "2130706433",
            "017700000001",
            "0177.0.0.1",
            "127.0.0.1.",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::127.0.0.1]",
            "localhost",
            "localhost.",
            "LOCALHOST",
            "a.localhost",
            "169.254.169.254",
            "0xa9fea9fe",
            "[::ffff:169.254.169.254]",
            "[64:ff9b::a9fe:a9fe]",
            "[2002:7f00:1::]",
            "[2001:0:7f00:1::]",
            "[fe80::1]",
            "[fd00:ec2::254]",
            "0.0.0.0",
            "0",
            "[::]",
            "%31%32%37.0.0.1",
            "１２７.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "100.100.100.200",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "192.0.0.8",
            "192.88.99.1",
            "168.63.129.16",
            "[2001:db8::1]",
            "[3fff::1]",
            "[ff02::1]",
            "[100::1]",
            "[2001:2::1]",
            "[64:ff9b:1::1]",
            "[5f00::1]",
        ] {
            assert_eq!(refusal(&format!("https://{host}/hook")), Some("webhook_target_refused"), "{host}");
        }
    }

    #[test]
    fn what_may_be_sent_to() {
        for url in [
            "https://erp.example/hooks?x=1",
            "https://erp.example:8443/",
            "https://8.8.8.8/",
            "https://[2606:4700::1111]/",
            "https://172.32.0.1",
            "https://100.128.0.1",
            "https://localhost.example/",
            "https://notlocalhost/",
        ] {
            assert_eq!(refusal(url), None, "{url}");
        }
        for (url, why) in [
            ("http://erp.example/", "webhook_url_not_https"),
            ("ftp://erp.example/", "webhook_url_not_https"),
            ("file:///etc/passwd", "webhook_url_not_https"),
            ("https://user@erp.example/", "webhook_url_with_user"),
            ("https://user:pass@erp.example/", "webhook_url_with_user"),
            ("https://:pass@erp.example/", "webhook_url_with_user"),
            ("https://erp.example@127.0.0.1/", "webhook_url_with_user"),
            ("https://erp.example/#part", "webhook_url_invalid"),
            ("https://erp.example:0/", "webhook_url_invalid"),
            ("https://", "webhook_url_invalid"),
            ("/hook", "webhook_url_invalid"),
            ("https://256.1.1.1/", "webhook_url_invalid"),
            ("https://[::1/", "webhook_url_invalid"),
        ] {
            assert_eq!(refusal(url), Some(why), "{url}");
        }
    }

    #[test]
    fn a_sandbox_reaches_its_own_machine_besides() {
        let refusal = |url: &str| Target::parse(url, Reach::Loopback).err();
        for url in [
            "http://127.0.0.1:7000/",
            "http://[::1]:7000/",
            "http://localhost:7000/",
            "https://127.0.0.1/",
            "https://8.8.8.8/",
        ] {
            assert_eq!(refusal(url), None, "{url}");
        }
        for url in [
            "http://8.8.8.8/",
            "http://10.0.0.1/",
            "https://10.0.0.1/",
            "http://[::ffff:127.0.0.1]/",
            "http://0.0.0.0/",
        ] {
            assert_eq!(refusal(url), Some("webhook_target_refused"), "{url}");
        }
        // A name without TLS leads to this machine or nowhere.
        let named = Target::parse("http://erp.example/", Reach::Loopback);
        let admits = |address: &str| named.as_ref().is_ok_and(|target| target.admits(address.parse().unwrap()));
        assert!(admits("127.0.0.1") && !admits("8.8.8.8"));
    }
}
