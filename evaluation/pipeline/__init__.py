"""The whole flow against the published one; `pipeline_speed.py` walks it.

Zhao et al. 2021, Table II and Fig. 8, measured again.

======================= ==================================================================================
`plan`                  how much is measured
`variants`              the rows: schedule, clusterer, precision
`clusterers`            the clusterers behind one signature
`subject`               a movie, and the model that embeds it
`painted`               the published network without trained weights, and cells for it
`walk`                  one variant on one movie, stage by stage
`work`                  the same in a process of its own, with scores, memory and floor
`convolution`           the rate of one convolution, which no network exceeds; and the network's own
`stopwatch`, `nvml`     time and GPU memory
`figure_8`              the picture
`targets`, `render`     what was wanted, and Markdown
======================= ==================================================================================
"""
