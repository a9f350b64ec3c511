//! Words for urgency, contacts, purposes and questions.

/// At the end of a question.
pub(super) const ASKING_BEHIND: [&str; 7] = ["吗", "么", "嘛", "没", "不", "没有", "呢"];

pub(super) const CRITICAL: [&str; 9] =
    ["十万火急", "特急", "万分紧急", "万分火急", "火急", "告急", "救命", "critical", "critically"];
pub(super) const HIGH: [&str; 22] = [
    "急需",
    "急求",
    "紧急",
    "加急",
    "急购",
    "急用",
    "急缺",
    "急招",
    "急寻",
    "急找",
    "急!",
    "急征",
    "尽快",
    "抓紧",
    "马上要",
    "越快越好",
    "urgent",
    "urgently",
    "asap",
    "immediately",
    "急急",
    "急收",
];
/// 紧急避险, 急救.
pub(super) const NOT_AFTER: &str = "救诊避疏制";

pub(super) const CONTACT: [&str; 24] = [
    "联系电话",
    "联系人",
    "联系方式",
    "请联系",
    "联系我",
    "联系",
    "电话",
    "手机号",
    "手机",
    "微信",
    "加微",
    "vx",
    "v信",
    "tel:",
    "tel ",
    "phone",
    "whatsapp",
    "wechat",
    "qq",
    "邮箱",
    "email",
    "私聊",
    "详谈",
    "致电",
];

/// From here to the end of the clause somebody else, or a purpose, is spoken of: 给一线医护人员, 用于采购原材料.
pub(super) const ASIDE: [&str; 14] = [
    "提供给",
    "送给",
    "捐给",
    "捐赠给",
    "赠给",
    "给到",
    "分给",
    "用于",
    "用来",
    "用作",
    "适用于",
    "供给",
    "used for",
    "for use in",
];
