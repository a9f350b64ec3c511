use crate::domain::trade::PriceMode;
use crate::vocabulary::understanding::{PriceSaid, Scope};

use super::{check, understanding};

/// `0.8..1 CNY/H87 cap total +tax`, each part only where there is something to say.
pub(super) fn render(price: &PriceSaid) -> String {
    let mut out = price.amount.map_or("-".to_owned(), |amount| amount.to_string());
    if let Some(upper) = price.upper {
        out += &format!("..{upper}");
    }
    out += &format!(" {}", price.currency);
    if let Some(per) = &price.per {
        out += &format!("/{per}");
    }
    if price.cap {
        out += " cap";
    }
    if price.scope == Scope::Total {
        out += " total";
    }
    if price.mode == PriceMode::Negotiable {
        out += " negotiable";
    }
    match price.tax_included {
        Some(true) => out += " +tax",
        Some(false) => out += " -tax",
        None => {}
    }
    if let Some(delivery) = price.delivery {
        out += &format!(" {}", <&str>::from(delivery));
    }
    out
}

fn every(text: &str) -> String {
    understanding().prices(text).iter().map(|found| render(&found.value)).collect::<Vec<_>>().join(" | ")
}

#[test]
fn sums_and_units() {
    check(
        &[
            ("2.5元/10只", "0.25 CNY/H87"),
            ("USD 3.2/100pcs", "0.032 USD/H87"),
            ("0.8元/只", "0.8 CNY/H87"),
            ("0.8 元 / 只", "0.8 CNY/H87"),
            ("每只8毛", "0.8 CNY/H87"),
            ("每只0.8元", "0.8 CNY/H87"),
            ("8毛一只", "0.8 CNY/H87"),
            ("masks at 0.5 euros each", "0.5 EUR/H87"),
            ("price 5 euro", "5 EUR"),
            ("price 500 jpy", "500 JPY"),
            ("at 5 gbp each", "5 GBP/H87"),
            ("5 us dollars each", "5 USD/H87"),
            ("¥3.5", "3.5 CNY"),
            ("￥3.5/个", "3.5 CNY/H87"),
            ("3块5一个", "3.5 CNY/H87"),
            ("3块5", "3.5 CNY"),
            ("3块5毛", "3.5 CNY"),
            ("3元5角", "3.5 CNY"),
            ("两块五", "2.5 CNY"),
            ("三块二毛一只", "3.2 CNY/H87"),
            ("八毛五一个", "0.85 CNY/H87"),
            ("5分钱一个", "0.05 CNY/H87"),
            ("单价2元", "2 CNY"),
            ("单价：2.5", "2.5 CNY"),
            ("单价2.5元/只", "2.5 CNY/H87"),
            ("报价 1.2元", "1.2 CNY"),
            ("35元/盒", "35 CNY/XBX"),
            ("12元一双", "12 CNY/PR"),
            ("2.8万/吨", "28000 CNY/TNE"),
            ("2.8万元/吨", "28000 CNY/TNE"),
            ("一吨2.8万", "28000 CNY/TNE"),
            ("每吨28000元", "28000 CNY/TNE"),
            ("18万/台", "180000 CNY/H87"),
            ("2.5/只", "2.5 CNY/H87"),
            ("出厂价18元/公斤", "18 CNY/KGM ex_works"),
            ("RMB 2.5", "2.5 CNY"),
            ("2.5元人民币", "2.5 CNY"),
            ("0.5美元/只", "0.5 USD/H87"),
            ("USD 0.5 per piece", "0.5 USD/H87"),
            ("$0.5/pc", "0.5 USD/H87"),
            ("US$ 0.5 each", "0.5 USD/H87"),
            ("2.5 yuan each", "2.5 CNY/H87"),
            ("0.4 EUR/pc", "0.4 EUR/H87"),
            ("5港币/个", "5 HKD/H87"),
            ("300元/天", "300 CNY/DAY"),
            ("15元/小时", "15 CNY/HUR"),
            ("6000元/月", "6000 CNY/MON"),
            ("月薪6000-8000元", "6000..8000 CNY/MON"),
            ("工资6000-8000元/月", "6000..8000 CNY/MON"),
            ("0.5-0.8元/只", "0.5..0.8 CNY/H87"),
            ("3元-5元/双", "3..5 CNY/PR"),
            ("1-2万元/吨", "10000..20000 CNY/TNE"),
            ("预算5万元", "50000 CNY total"),
            ("总价12000元", "12000 CNY total"),
            ("贷款500万元", "5000000 CNY total"),
            ("每平米每月15元", "15 CNY/MON"),
            ("2元一个，5元一双", "2 CNY/H87 | 5 CNY/PR"),
        ],
        every,
    );
}

#[test]
fn caps_gifts_and_terms() {
    check(
        &[
            ("不超过3元", "3 CNY cap"),
            ("不超过3元/只", "3 CNY/H87 cap"),
            ("每只不超过3元", "3 CNY/H87 cap"),
            ("每只最高3块", "3 CNY/H87 cap"),
            ("最高限价3元", "3 CNY cap"),
            ("3元以内", "3 CNY cap"),
            ("3元/只以内", "3 CNY/H87 cap"),
            ("3元以下", "3 CNY cap"),
            ("单价控制在2.5元以内", "2.5 CNY cap"),
            ("≤2元/只", "2 CNY/H87 cap"),
            ("up to 2 USD/pc", "2 USD/H87 cap"),
            ("max 2 USD/pc", "2 USD/H87 cap"),
            ("no more than $3 each", "3 USD/H87 cap"),
            ("不超过3万/吨", "30000 CNY/TNE cap"),
            ("不低于3元", "3 CNY"),
            ("每只不低于3元", "3 CNY/H87"),
            ("单价不得低于3元", "3 CNY"),
            ("not below 3 USD/pc", "3 USD/H87"),
            ("免费", "0 CNY"),
            ("免费提供", "0 CNY"),
            ("捐赠口罩2000只", "0 CNY"),
            ("无偿捐赠", "0 CNY"),
            ("free of charge", "0 CNY"),
            ("接受捐赠", ""),
            ("免费送货", ""),
            ("免费安装", ""),
            ("powder free gloves", ""),
            ("价格面议", "- CNY negotiable"),
            ("面议", "- CNY negotiable"),
            ("price negotiable", "- CNY negotiable"),
            ("2.5元含税", "2.5 CNY +tax"),
            ("2.5元/只，不含税", "2.5 CNY/H87 -tax"),
            ("3元/只包邮", "3 CNY/H87 delivered"),
            ("单价：2.5，含税包邮", "2.5 CNY +tax delivered"),
            ("3元/只 自提", "3 CNY/H87 ex_works"),
        ],
        every,
    );
}

#[test]
fn what_is_no_price() {
    check(
        &[
            ("电路板300块", ""),
            ("口罩2000个", ""),
            ("2000只/箱", ""),
            ("5万只/天", ""),
            ("3D打印机5台", ""),
            ("元宝山区", ""),
            ("2020年2月10日", ""),
            ("毛巾50条", ""),
            ("5角钢", ""),
            ("一元化管理", ""),
            ("13812345678", ""),
        ],
        every,
    );
}
