use crate::vocabulary::understanding::DateRole;

use super::{check, render, today, understanding};

/// Title left, side, category, quantity, day, place: each `-` where nothing was understood.
fn read(text: &str) -> String {
    let it = understanding().understand_title(text, today(), Some("410300"));
    let side = it.side.as_ref().map_or("-", |found| <&str>::from(found.value));
    let category = it.category().map_or("-", |found| found.value.as_str());
    let quantity = it.quantity().map_or("-".to_owned(), |found| render(&found.value));
    let by = it.date(DateRole::NeededBy).map_or("-".to_owned(), |found| found.value.date.to_string());
    let place = it.place().map_or("-", |found| found.value.region_code.as_str());
    format!("{} | {side} | {category} | {quantity} | {by} | {place}", it.title)
}

#[test]
fn a_title_alone() {
    check(
        &[
            (
                "急需医用外科口罩2000只，本周五前送到洛阳市涧西区",
                "医用外科口罩 | need | ppe.mask.surgical | 2000 H87 | 2020-02-28 | 410305",
            ),
            ("N95口罩 5000只", "N95口罩 | - | ppe.mask.particulate | 5000 H87 | - | -"),
            ("84消毒液 500ml*30瓶", "84消毒液 | - | ppe.disinfectant.hypochlorite | 30 XBO of 500 MLT | - | -"),
            ("额温枪", "额温枪 | - | ppe.thermometer.infrared | - | - | -"),
            ("口照", "口照 | - | ppe.mask | - | - | -"),
            ("出售熔喷布3吨", "熔喷布 | offer | material.nonwoven.meltblown | 3 TNE | - | -"),
            ("meltblown fabric 3 tons wanted", "meltblown fabric | need | material.nonwoven.meltblown | 3 TNE | - | -"),
            ("护目镜100副", "护目镜 | - | ppe.eye | 100 H87 | - | -"),
            ("丁腈手套100副", "丁腈手套 | - | ppe.glove.exam | 100 PR | - | -"),
            ("求购 3M 1860 口罩", "3M 1860 口罩 | need | ppe.mask.medical_protective | - | - | -"),
            ("招数控车工5名", "数控车工 | need | labor.skilled.machinist | 5 IE | - | -"),
            ("", " | - | - | - | - | -"),
        ],
        read,
    );
}

/// What a category is counted in tells quantity from property.
#[test]
fn the_unit_of_the_category_decides() {
    check(
        &[
            ("戊二醛溶液 36件 1000ml*16瓶", "36 XPK @16 XBO of 1000 MLT"),
            ("84消毒液20箱 500ml*30瓶", "20 XCT @30 XBO of 500 MLT"),
            ("25克熔喷布3吨", "3 TNE"),
            ("深沟球轴承6205 2000套", "2000 SET"),
            ("厂房2000平米 租期3年", "2000 MTK"),
        ],
        |text| {
            let it = understanding().understand_title(text, today(), None);
            it.quantity().map_or("-".to_owned(), |found| render(&found.value))
        },
    );
}

/// Of services and of work few have a name; the words that say what is done tell the kind.
#[test]
fn the_kind_is_that_of_most_of_what_is_said() {
    check(
        &[
            ("our server got hacked", "technology"),
            ("trade credit insurance for EU buyers", "finance"),
            ("仓库老鼠多 找人灭鼠", "service"),
            ("锅炉大修 现场维修", "service"),
            ("持证司机派遣", "labor"),
            ("回程车 顺路带货", "transport"),
            // A sure name outweighs what is done with the goods.
            ("医用外科口罩", "ppe"),
            ("设备维修用轴承", "material"),
            // Where somebody is sought, goods are what something is done to.
            ("need someone to repair our forklift", "service"),
            ("谁能修呼吸机", "service"),
            ("truck to carry vaccines at 2-8 degrees", "transport"),
            ("air shipment of gloves and gowns to Europe", "transport"),
            ("需要运一车酒精到武汉", "transport"),
            ("10名普工 包装口罩", "labor"),
            ("plastic bags to carry water", "material"),
            ("anyone who has surgical masks", "ppe"),
            ("谁能提供医用外科口罩", "ppe"),
            ("医用外科口罩现货 发往全国", "ppe"),
            ("84消毒液 20箱 可运到武汉", "ppe"),
            ("next shipment of surgical masks arrives Monday", "ppe"),
            // Who comes with goods, and whom rooms are for.
            ("叉车出租 3吨 可带司机", "equipment"),
            ("Diesel pump hire with hoses and operator", "material"),
            ("Hotel rooms for medical staff", "service"),
            ("driver with truck", "labor"),
            // Workers that are counted, whatever they are to make.
            ("找20名缝纫工做防护服", "labor"),
            // Who works opens the title; goods that something is done to may, too.
            ("电工 高压证 工厂抢修 夜班", "labor"),
            ("叉车 维修 保养 各品牌", "service"),
            // What stands behind a comma says less.
            ("Caustic soda liquid, tank truck delivery", "material"),
            ("Repair of flooded pumps and motors", "service"),
            ("仓库出租 标准库 带月台", "equipment"),
            ("电瓶 12V 200Ah 免维护", "material"),
            ("求租工人宿舍100人", "equipment"),
            ("变频器坏了急修", "service"),
            ("Repair of flooded electric motors needed", "service"),
            ("spare parts for repair of pumps", "material"),
            ("something unheard of", "-"),
        ],
        |text| {
            let kind = understanding().understand_title(text, today(), None).kind;
            kind.map_or("-".to_owned(), |found| <&str>::from(found.value).to_owned())
        },
    );
}

#[test]
fn a_title_in_words_opens_with_what_it_is() {
    let surest = |text: &str| {
        let said = understanding().understand_title(text, today(), None);
        said.category().map_or("-".to_owned(), |found| format!("{} {}", found.value, found.confidence >= 0.5))
    };
    check(
        &[
            ("轮椅 折叠 加厚钢管 手推 老人", "ppe.device.wheelchair true"),
            ("护士 ICU经验 可驰援 持执业证", "labor.medical.nurse true"),
            // Of two names in a row, what both are.
            ("食堂需要大米和食用油", "material.food true"),
            ("oxygen concentrators and ventilators", "ppe.device true"),
            // Nothing but goods is above both.
            ("口罩和钢管", "ppe.mask true"),
        ],
        surest,
    );
}
