"""What "near" means: all that a metric has to tell the rest of the clusterer.

Both metrics turn "distance d <= h" into "score >= least score", where the scores of all centres for all
points are one matrix product, and the least score belongs to the point. No vector is copied or normalised.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from torch import Tensor

from cellseg.meanshift.cores import Cores


class Metric(ABC):
    """A distance between vectors."""

    @abstractmethod
    def check_bandwidth(self, bandwidth: float) -> None:
        """Refuse a bandwidth without meaning.

        Parameters
        ----------
        bandwidth : float
            h, largest distance inside the flat kernel.

        Raises
        ------
        ValueError
            The metric has no use for it.
        """

    @abstractmethod
    def points(self, vectors: Tensor, bandwidth: float, cores: Cores) -> tuple[Points, Tensor | None]:
        """Check the vectors to cluster, and bring them to where distances of the bandwidth can be told.

        Parameters
        ----------
        vectors : torch.Tensor, (n, D) float32 or float64
        bandwidth : float
            h.
        cores : Cores

        Returns
        -------
        Points
            The same vectors where nothing had to be done, not a copy.
        origin : torch.Tensor, (D,), or None
            What was subtracted from each.

        Raises
        ------
        ValueError
            A vector is NaN or infinite, or has no distance to others.
        """

    def under(self, vectors: Tensor, bandwidth: float, cores: Cores) -> Points:
        """Put vectors under the metric, on all cores.

        Parameters
        ----------
        vectors : torch.Tensor, (n, D)
        bandwidth : float
        cores : Cores

        Returns
        -------
        Points
        """
        least = vectors.new_empty(len(vectors))

        def fill(part: slice) -> None:
            least[part] = self.least_scores(vectors[part], bandwidth)

        cores.share_out(len(vectors), vectors.shape[1], fill)
        return Points(vectors, least, self, bandwidth)

    @abstractmethod
    def least_scores(self, vectors: Tensor, bandwidth: float) -> Tensor:
        """Give the score from which on a centre has a vector in its window (d <= h).

        Parameters
        ----------
        vectors : torch.Tensor, (n, D)
        bandwidth : float
            h.

        Returns
        -------
        torch.Tensor, (n,)
        """

    @abstractmethod
    def steps(self, before: Tensor, after: Tensor) -> Tensor:
        """Measure how far centres moved, in the unit of the bandwidth.

        Parameters
        ----------
        before, after : torch.Tensor, (m, D)

        Returns
        -------
        torch.Tensor, (m,)
        """

    @abstractmethod
    def scorers(self, centres: Tensor) -> tuple[Tensor, Tensor | None]:
        """Give weights and offsets: the score of centre c for vector x is weights[c] . x + offsets[c].

        The nearest centre of a vector is the one with the largest score.

        Parameters
        ----------
        centres : torch.Tensor, (m, D)

        Returns
        -------
        weights : torch.Tensor, (m, D)
        offsets : torch.Tensor, (m, 1), or None
            None: all zero.
        """


@dataclass(frozen=True)
class Points:
    """Vectors under a metric, each with the window it may be seen from.

    Attributes
    ----------
    vectors : torch.Tensor, (n, D)
        Windows are averaged over these.
    least : torch.Tensor, (n,)
        Least score of a centre whose window holds the vector.
    metric : Metric
    bandwidth : float
        h.
    """

    vectors: Tensor
    least: Tensor
    metric: Metric
    bandwidth: float

    def __len__(self) -> int:
        return len(self.vectors)

    def like(self, vectors: Tensor) -> Points:
        """Put other vectors under the same metric and bandwidth.

        Parameters
        ----------
        vectors : torch.Tensor, (m, D)

        Returns
        -------
        Points
        """
        least = self.metric.least_scores(vectors, self.bandwidth)
        return Points(vectors, least, self.metric, self.bandwidth)

    def take(self, index: Tensor) -> Points:
        """Choose some of the points.

        Parameters
        ----------
        index : torch.Tensor, (m,) int64

        Returns
        -------
        Points
        """
        return Points(self.vectors[index], self.least[index], self.metric, self.bandwidth)
