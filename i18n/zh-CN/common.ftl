# 几个界面共用的词语。

product = 一堂
language = 语言
language-zh = 中文
language-en = EN
language-missed = 暂时无法取得另一种语言，请稍后再选。
link-missing = 链接不完整，请向发送方索取新的链接。
link-expired = 链接已过期，请向发送方索取新的链接。
link-refused = 服务器不接受该链接，请向发送方索取新的链接。
meeting-not-open = 会议暂时打不开，请联系服务器管理员查看服务器日志。打开后本页自动恢复，无需操作。
server-full = 服务器名额已满，正在自动重试。
server-refuses = 服务器暂时不接受本页（{ $code }），正在自动重试。
server-unreachable = 无法连接服务器，正在自动重试。
retry = 立即重试

control-lost = 连接中断，{ $time } 起，已 { $span }。正在自动重连，无需操作。

room-begins = { $time } 开始
room-begins-in = { $time } 开始，还有 { $minutes } 分钟
room-begins-soon = { $time } 开始
room-ended = 会议已结束
room-item = 环节 { $number }/{ $count } { $title }

moment-zone = { $time }（{ $zone }）
moment-dated = { $date } { $time }
time-days = { $count } 天
time-hours = { $count } 小时
time-minutes = { $count } 分
time-seconds = { $count } 秒

list-join = 、

speaker = 发言人
speaker-loading = 正在读取名单…
speaker-failed = 暂时读不到名单
speaker-none = 不指名
request-speech = 发言
request-question = 提问
request-remark = 补充
request-point-of-order = 程序问题
