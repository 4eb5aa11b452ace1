//! The organisation of the demo: fictional, of three tiers, as large as one likes.
//!
//! Every place and person is invented. Venues are numbered in rank order, so that the number of a venue is that of its clip: `main` is the
//! first, `v002` the second.

use std::collections::BTreeSet;

use base::id::IdError;
use base::limits::VENUES_MAX;
use directory::{Codec, Contact, Directory, DirectoryError, Item, Person, Plan, Source, Text, Unit, Venue};
use jiff::tz::TimeZone;
use meeting_file::{Prepared, search_words};

/// Id of the main venue.
pub const MAIN: &str = "main";
/// Id of the venue without a bot, where a person joins with a camera of their own. It ranks last.
pub const GUEST: &str = "guest";
/// Branch venues of a demo that is asked for no number.
pub const BRANCHES: usize = 24;
/// Most branch venues: a meeting's limit less the main venue and the guest's.
pub const BRANCHES_MAX: usize = VENUES_MAX - 2;

/// Counties of a city. The wall of the desk has nine places after the city's own.
const COUNTIES_MAX: usize = 9;

/// Cities in rank order, each with its counties.
const CITIES: [(&str, &str); 21] = [
    (
        "临澜 Linlan",
        "东渚 Dongzhu, 西澜 Xilan, 北埠 Beibu, 文汀 Wenting, 听涛 Tingtao, 澜桥 Lanqiao, 湖阴 Huyin, 青篱 Qingli, 稻溪 Daoxi",
    ),
    (
        "青汀 Qingting",
        "柳渚 Liuzhu, 荻津 Dijin, 青堰 Qingyan, 苇川 Weichuan, 槐湾 Huaiwan, 沙屏 Shaping, 月泊 Yuebo",
    ),
    ("松砚 Songyan", "砚溪 Yanxi, 松台 Songtai, 墨川 Mochuan, 竹岭 Zhuling, 石笺 Shijian"),
    ("望川 Wangchuan", "望野 Wangye, 川平 Chuanping, 云栈 Yunzhan, 乔岭 Qiaoling, 谷晴 Guqing, 平芜 Pingwu"),
    (
        "澄湾 Chengwan",
        "湾口 Wankou, 澄东 Chengdong, 渔矶 Yuji, 蓝堤 Landi, 潮汀 Chaoting, 盐渡 Yandu, 鸥湾 Ouwan, 帆石 Fanshi, 月塘 Yuetang",
    ),
    ("白洛 Bailuo", "洛坪 Luoping, 白埂 Baigeng, 霜林 Shuanglin, 洛源 Luoyuan"),
    ("霁州 Jizhou", "晴原 Qingyuan, 霁阳 Jiyang, 虹坝 Hongba, 露溪 Luxi, 朝雨 Chaoyu"),
    ("南溆 Nanxu", "溆口 Xukou, 南棠 Nantang, 橘林 Julin, 芷洲 Zhizhou, 兰汊 Lancha"),
    ("云岫 Yunxiu", "岫前 Xiuqian, 云霭 Yun'ai, 雾桥 Wuqiao, 半峰 Banfeng, 鹤垭 Heya, 松垭 Songya"),
    ("桐沙 Tongsha", "桐坞 Tongwu, 沙篱 Shali, 梧垣 Wuyuan, 鹂坪 Liping"),
    ("栖岭 Qiling", "栖谷 Qigu, 岭霞 Lingxia, 椿溪 Chunxi, 檀口 Tankou, 枫堡 Fengbao"),
    ("沧屿 Cangyu", "屿北 Yubei, 灯礁 Dengjiao, 沧浦 Cangpu, 螺湾 Luowan"),
    ("长濑 Changlai", "濑上 Laishang, 濑下 Laixia, 滩平 Tanping, 缓水 Huanshui, 渡桥 Duqiao, 芦场 Luchang"),
    ("景岚 Jinglan", "景坪 Jingping, 岚西 Lanxi, 画溪 Huaxi, 翠垣 Cuiyuan, 远岫 Yuanxiu"),
    ("怀汐 Huaixi", "汐口 Xikou, 怀沙 Huaisha, 潮坪 Chaoping, 晚渡 Wandu"),
    ("鹿鸣 Luming", "鹿原 Luyuan, 苹野 Pingye, 笙溪 Shengxi"),
    ("石渚 Shizhu", "渚东 Zhudong, 石矶 Shiji, 瓦桥 Waqiao, 陶埠 Taobu, 锡垭 Xiya, 窑溪 Yaoxi"),
    ("雁塘 Yantang", "雁秋 Yanqiu, 塘霜 Tangshuang, 秋渡 Qiudu, 芦荻 Ludi, 晚塘 Wantang"),
    ("兰渡 Landu", "兰圃 Lanpu, 蕙川 Huichuan, 渡南 Dunan, 芳汀 Fangting"),
    ("朔原 Shuoyuan", "朔北 Shuobei, 原上 Yuanshang, 霜垣 Shuangyuan, 驼岭 Tuoling"),
    ("绛台 Jiangtai", "绛水 Jiangshui, 台榆 Taiyu, 赭岩 Zheyan"),
];

/// Parts of further names, for an organisation larger than [`CITIES`].
const FIRST: [&str; 36] = [
    "霁 Ji",
    "缃 Xiang",
    "澄 Cheng",
    "芷 Zhi",
    "蕙 Hui",
    "棠 Tang",
    "桐 Tong",
    "椿 Chun",
    "檀 Tan",
    "枫 Feng",
    "橘 Ju",
    "荻 Di",
    "苇 Wei",
    "槐 Huai",
    "稻 Dao",
    "雁 Yan",
    "鹤 He",
    "鹭 Lu",
    "鸥 Ou",
    "芸 Yun",
    "墨 Mo",
    "笙 Sheng",
    "绛 Jiang",
    "赭 Zhe",
    "黛 Dai",
    "霜 Shuang",
    "雾 Wu",
    "朔 Shuo",
    "汐 Xi",
    "澜 Lan",
    "茗 Ming",
    "葭 Jia",
    "皋 Gao",
    "箬 Ruo",
    "岫 Xiu",
    "漱 Shu",
];
const SECOND: [&str; 30] = [
    "川 chuan",
    "渚 zhu",
    "汀 ting",
    "浦 pu",
    "湾 wan",
    "屿 yu",
    "矶 ji",
    "坪 ping",
    "垣 yuan",
    "岭 ling",
    "峰 feng",
    "野 ye",
    "塘 tang",
    "堰 yan",
    "渡 du",
    "桥 qiao",
    "坞 wu",
    "圃 pu",
    "埠 bu",
    "垭 ya",
    "栈 zhan",
    "堡 bao",
    "泊 bo",
    "滩 tan",
    "濑 lai",
    "溆 xu",
    "埂 geng",
    "畈 fan",
    "墩 dun",
    "滨 bin",
];

/// Those who have a part in the rundown: the chair, the reporter, the deputy.
const LEADERS: [(&str, &str); 3] =
    [("顾行之", "Gu Xingzhi"), ("沈望舒", "Shen Wangshu"), ("陆见川", "Lu Jianchuan")];

const SURNAMES: [&str; 20] = [
    "江 Jiang",
    "沈 Shen",
    "叶 Ye",
    "方 Fang",
    "程 Cheng",
    "陆 Lu",
    "苏 Su",
    "温 Wen",
    "白 Bai",
    "秦 Qin",
    "宋 Song",
    "许 Xu",
    "唐 Tang",
    "韩 Han",
    "梁 Liang",
    "邵 Shao",
    "贺 He",
    "罗 Luo",
    "谢 Xie",
    "孟 Meng",
];
const GIVEN: [&str; 21] = [
    "予安 Yu'an",
    "未央 Weiyang",
    "归舟 Guizhou",
    "既白 Jibai",
    "与棠 Yutang",
    "知远 Zhiyuan",
    "砚清 Yanqing",
    "雨桐 Yutong",
    "清和 Qinghe",
    "望岳 Wangyue",
    "景行 Jingxing",
    "思齐 Siqi",
    "若谷 Ruogu",
    "听澜 Tinglan",
    "怀瑾 Huaijin",
    "明川 Mingchuan",
    "以宁 Yining",
    "书晏 Shuyan",
    "闻溪 Wenxi",
    "致和 Zhihe",
    "星野 Xingye",
];

/// Why a demo organisation could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// More branches than a meeting takes, or than there are names for.
    #[error("a demo has at most {BRANCHES_MAX} branch venues, not {0}")]
    TooMany(usize),
    /// A made id is none.
    #[error("the demo organisation has an id that is none")]
    Id(#[from] IdError),
    /// The parts do not fit each other.
    #[error("the demo organisation does not hold together")]
    Directory(#[from] DirectoryError),
}

/// The organisation and its meeting: one main venue with two camera positions, so many branch venues, and the guest's. It has no planned
/// start; [`Prepared::start_at`] gives it one.
///
/// # Errors
/// [`DemoError::TooMany`]; the others do not come for any number up to [`BRANCHES_MAX`].
pub fn organisation(branches: usize, codec: Codec) -> Result<Prepared, DemoError> {
    if branches > BRANCHES_MAX {
        return Err(DemoError::TooMany(branches));
    }
    let mut made = Made::default();
    made.head()?;
    for (n, (city, counties)) in places(branches).iter().enumerate() {
        made.city(n + 1, city, counties)?;
    }
    made.guest()?;
    let tiers = vec![Text::new("省", "Province"), Text::new("市", "City"), Text::new("县", "County")];
    let plan = plan(&made, codec)?;
    let name = Text::new("云州省水利系统", "Yunzhou water services");
    let directory = Directory::new(name, tiers, made.units, made.venues, made.people)?;
    Ok(Prepared { directory, plan, zone: TimeZone::UTC })
}

/// Cities that so many branch venues are spread over: four venues a city at first, six in an organisation of a hundred.
fn city_count(branches: usize) -> usize {
    match branches {
        0..=24 => branches.div_ceil(4),
        25..=130 => 6 + (branches - 24) * 15 / 106,
        _ => 21 + (branches - 130).div_ceil(9),
    }
}

/// Names of the cities, each with those of its counties, `branches` in all.
fn places(branches: usize) -> Vec<(Text, Vec<Text>)> {
    let mut all = known_places();
    let mut cities = city_count(branches);
    while cities > all.len() {
        let further = further_places(&all);
        all.push(further);
    }
    let room = |cities: usize| all.iter().take(cities).map(|(_, counties)| counties.len()).sum::<usize>();
    while cities + room(cities) < branches && cities < all.len() {
        cities += 1;
    }
    all.truncate(cities);
    let capacity: usize = all.iter().map(|(_, counties)| counties.len()).sum();
    // Every city gives the same part of its counties, so large cities stay large; sums are rounded, so that the whole is met.
    let (mut before, mut wanted) = (0, branches - cities.min(branches));
    wanted = wanted.min(capacity);
    for (_, counties) in &mut all {
        let upto = before + counties.len();
        let share = |sum: usize| (sum * wanted).checked_div(capacity).unwrap_or(0);
        counties.truncate(share(upto) - share(before));
        before = upto;
    }
    all
}

fn known_places() -> Vec<(Text, Vec<Text>)> {
    CITIES.iter().map(|(city, counties)| (named(city), counties.split(", ").map(named).collect())).collect()
}

/// A city more, with all its counties, under names that are not there yet.
fn further_places(all: &[(Text, Vec<Text>)]) -> (Text, Vec<Text>) {
    let there = all.iter().flat_map(|(city, counties)| std::iter::once(city).chain(counties));
    let mut taken: BTreeSet<String> =
        there.flat_map(|name| [name.zh().to_owned(), name.en().to_owned()]).collect();
    let pairs = SECOND.iter().enumerate().flat_map(|(n, second)| {
        // Each second part begins at another first one, so that neighbours do not all end or begin alike.
        (0..FIRST.len()).map(move |m| (FIRST[(m + 5 * n) % FIRST.len()], *second))
    });
    let fresh: Vec<Text> = pairs
        .map(|(first, second)| joined(&named(first), &named(second)))
        .filter(|name| {
            !taken.contains(name.en())
                && taken.insert(name.zh().to_owned())
                && taken.insert(name.en().to_owned())
        })
        .take(1 + COUNTIES_MAX)
        .collect();
    let mut fresh = fresh.into_iter();
    (fresh.next().unwrap_or_default(), fresh.collect())
}

/// "霁 Ji".
fn named(both: &str) -> Text {
    let (zh, en) = both.split_once(' ').unwrap_or((both, both));
    Text::new(zh, en)
}

fn joined(first: &Text, second: &Text) -> Text {
    let apart = if second.en().starts_with(['a', 'e', 'o']) { "'" } else { "" };
    Text::new(format!("{}{}", first.zh(), second.zh()), format!("{}{apart}{}", first.en(), second.en()))
}

/// What is made so far.
#[derive(Default)]
struct Made {
    units: Vec<Unit>,
    venues: Vec<Venue>,
    people: Vec<Person>,
}

impl Made {
    fn head(&mut self) -> Result<(), DemoError> {
        let name = Text::new("云州省水利厅", "Yunzhou Water Department");
        self.unit("hq", None, 1, name, Text::new("省厅", "Yunzhou"))?;
        for (n, (zh, en)) in LEADERS.iter().enumerate() {
            self.person(&format!("p{:03}", n + 1), "hq", Text::new(*zh, *en))?;
        }
        let positions = [Text::new("机位 1 讲台", "cam 1 podium"), Text::new("机位 2 全景", "cam 2 hall")];
        let names = [Text::new("主会场", "Main venue"), Text::new("主会场", "Main")];
        self.venue(MAIN, "hq", names, &positions, "80000")
    }

    fn city(&mut self, number: usize, city: &Text, counties: &[Text]) -> Result<(), DemoError> {
        let id = format!("c{number:02}");
        let name = Text::new(format!("{}市水利局", city.zh()), format!("{} Water Bureau", city.en()));
        self.unit(&id, Some("hq"), number, name, city.clone())?;
        self.branch(&id, city, number * 100)?;
        for (n, county) in counties.iter().enumerate() {
            let below = format!("{id}-{}", n + 1);
            let name = Text::new(format!("{}县水利局", county.zh()), format!("{} Water Office", county.en()));
            self.unit(&below, Some(&id), n + 1, name, county.clone())?;
            self.branch(&below, county, number * 100 + n + 1)?;
        }
        Ok(())
    }

    /// The guest's venue stands in a unit of its own below the last city: last in rank, without a line of its own on the wall.
    fn guest(&mut self) -> Result<(), DemoError> {
        let name = Text::new("来宾", "Guest");
        let city =
            self.units.iter().rfind(|unit| unit.upper.as_ref().is_some_and(|upper| upper.as_str() == "hq"));
        let upper = city.map_or_else(|| "hq".to_owned(), |city| city.id.to_string());
        self.unit(GUEST, Some(&upper), COUNTIES_MAX + 1, name.clone(), name.clone())?;
        let names = [Text::new("来宾会场", "Guest venue"), name];
        self.venue(GUEST, GUEST, names, &[Text::new("机位 1", "cam 1")], "80099")?;
        self.person("p-guest", GUEST, Text::new("来宾", "Guest"))
    }

    fn branch(&mut self, unit: &str, place: &Text, code: usize) -> Result<(), DemoError> {
        let id = format!("v{:03}", self.venues.len() + 1);
        let names = [Text::new(format!("{}会场", place.zh()), place.en()), place.clone()];
        self.venue(&id, unit, names, &[Text::new("机位 1", "cam 1")], &format!("{}", 80_000 + code))?;
        self.person(&format!("p-{id}"), unit, person_name(self.venues.len() * 2))
    }

    fn unit(
        &mut self,
        id: &str,
        upper: Option<&str>,
        rank: usize,
        name: Text,
        short: Text,
    ) -> Result<(), DemoError> {
        let upper = upper.map(str::parse).transpose()?;
        self.units.push(Unit { id: id.parse()?, upper, rank: rank_of(rank), name, short });
        Ok(())
    }

    fn venue(
        &mut self,
        id: &str,
        unit: &str,
        [name, short]: [Text; 2],
        positions: &[Text],
        phone: &str,
    ) -> Result<(), DemoError> {
        let source = |(n, name): (usize, &Text)| {
            Ok(Source { id: format!("{id}.{}", n + 1).parse()?, name: name.clone() })
        };
        let technician = person_name(self.venues.len() * 2 + 1);
        self.venues.push(Venue {
            id: id.parse()?,
            unit: unit.parse()?,
            rank: 1,
            search: search_words(id, &short, &name, &[phone[1..].to_owned()]),
            sources: positions.iter().enumerate().map(source).collect::<Result<_, DemoError>>()?,
            technician: Some(Contact { name: technician, phone: phone.to_owned() }),
            name,
            short,
        });
        Ok(())
    }

    fn person(&mut self, id: &str, unit: &str, name: Text) -> Result<(), DemoError> {
        let rank = rank_of(self.people.len() + 1);
        self.people.push(Person { id: id.parse()?, unit: unit.parse()?, rank, name });
        Ok(())
    }
}

/// Twenty surnames and twenty-one given names repeat after four hundred and twenty.
fn person_name(n: usize) -> Text {
    let surname = named(SURNAMES[n % SURNAMES.len()]);
    let given = named(GIVEN[n % GIVEN.len()]);
    Text::new(format!("{}{}", surname.zh(), given.zh()), format!("{} {}", surname.en(), given.en()))
}

fn rank_of(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn plan(made: &Made, codec: Codec) -> Result<Plan, DemoError> {
    let first_branch = made.venues.get(1).filter(|venue| venue.id.as_str() != GUEST);
    let item = |n: usize, zh: &str, en: &str, minutes: u32, person: Option<&str>, venue: Option<&str>| {
        Ok::<_, DemoError>(Item {
            id: format!("i{n}").parse()?,
            title: Text::new(zh, en),
            minutes,
            start: None,
            person: person.map(str::parse).transpose()?,
            venue: venue.map(str::parse).transpose()?,
        })
    };
    let reporter = first_branch.map(|venue| format!("p-{}", venue.id));
    let reports = first_branch.map(|venue| venue.id.as_str());
    let items = vec![
        item(1, "开场", "Opening", 5, Some("p001"), Some(MAIN))?,
        item(2, "年度工作报告", "Annual report", 20, Some("p002"), Some(MAIN))?,
        item(3, "典型发言", "Case reports", 30, reporter.as_deref(), reports)?,
        item(4, "工作部署", "Requirements", 25, Some("p003"), Some(MAIN))?,
        item(5, "点名问答", "Questions", 20, None, None)?,
        item(6, "总结", "Closing", 10, Some("p001"), Some(MAIN))?,
    ];
    Ok(Plan {
        id: "demo".parse()?,
        title: Text::new("云州省年度水利工作会议", "Yunzhou Province annual water conference"),
        start: None,
        zone: "Asia/Shanghai".to_owned(),
        chair_venue: MAIN.parse()?,
        chair: Some("p001".parse()?),
        contact: Some(Contact {
            name: Text::new("省级总控 程与棠", "HQ control, Cheng Yutang"),
            phone: "80001".to_owned(),
        }),
        codec,
        venues: made.venues.iter().map(|venue| venue.id.clone()).collect(),
        items,
    })
}

#[cfg(test)]
mod tests;
