# 播出提示与状态的词语，各界面共用。

tally-air = 播出
tally-next = 预备
tally-air-both = ON AIR 播出
tally-next-both = NEXT 预备
word-mic-open = 话筒已开
word-mic-closed = 话筒已关
word-hand = 请求发言，第
word-lost = 已断
word-warn = 异常
word-absent = 缺席
word-no-picture = 无画面
quality-good = 良好
quality-fair = 一般
quality-poor = 较差
quality-lost = 中断
technician-name = 值机 { $name }
